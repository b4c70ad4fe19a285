#include "shared/runtime/raw_intake.h"

#include "shared/transport/poller.h"
#include "tests/runtime/kept_log.h"
#include "tests/transport/fixture.h"

namespace docmill {
namespace {

using std::string_literals::operator""s;

// A link from a sender to an intake, and what the intake gives of a message.
struct Link {
  explicit Link(RawReceiveConfig config) {
    const TempFolder folder;
    config.bind = {free_address(Scheme::kTcp, folder)};
    intake.emplace(required(RawIntake::open(config,
                                            {.sockets = context,
                                             .clock = clock,
                                             .log = log,
                                             .place = "producer.source.zmq",
                                             .name = "p1",
                                             .largest = Bytes{1000}},
                                            counters)));
    ForeignSocket::Settings settings;
    settings.kind = Socket::Kind::kPush;
    settings.connect = config.bind;
    sender.emplace(required(ForeignSocket::open(context, settings)));
  }
  void send(const std::vector<std::string>& frames) {
    const Time deadline = clock.now() + kDeadline;
    std::vector<Frame> message;
    for (const std::string& frame : frames) message.push_back(Frame::copy(frame));
    while (!sender->send(message) && clock.now() < deadline) nothing.wait(2ms);
  }
  // The next document, when all that came before it was looked at.
  std::string next() {
    const Time deadline = clock.now() + kDeadline;
    RawIntake::Received received;
    while (clock.now() < deadline) {
      const auto step = intake->receive(received);
      if (step == RawIntake::Step::kDocument) return std::string(received.document.bytes);
      if (step == RawIntake::Step::kNone) nothing.wait(2ms);
    }
    return "nothing";
  }

  Context context = open_context();
  SystemClock clock;
  KeptLog log;
  RawCounters counters;
  Poller nothing;
  std::optional<RawIntake> intake;
  std::optional<ForeignSocket> sender;
};

std::string number(char low) { return low + "\0\0\0"s; }

TEST_CASE(
    "a message without a document is dropped, and is not missing where messages are numbered") {
  RawReceiveConfig config;
  config.sequence = RawSequence::kLe32;
  for (const TopicPlace place : {TopicPlace::kNone, TopicPlace::kFrame}) {
    config.topic = place;
    Link link(config);
    const auto send = [&](const std::string& document, char low) {
      std::vector<std::string> frames = {document, number(low)};
      if (place == TopicPlace::kFrame) frames.insert(frames.begin(), "t");
      link.send(frames);
    };
    send("one", 1);
    send("", 2);
    send("three", 3);
    CHECK(link.next() == "one");
    CHECK(link.next() == "three");
    CHECK(link.counters.missed == 0);
    CHECK(link.counters.malformed == 1);
    send("six", 6);
    CHECK(link.next() == "six");
    CHECK(link.counters.missed == 2);
    REQUIRE(link.log.lines.size() == 2);
    CHECK(link.log.lines[0] ==
          "producer.source.zmq: a message was dropped: expected a document, found nothing in it");
    CHECK(link.log.lines[1] ==
          fmt::format("producer.source.zmq: 2 messages of topic '{}' are missing before sequence "
                      "6; 2 in all",
                      place == TopicPlace::kFrame ? "t" : ""));
  }
}

TEST_CASE("a message that is dropped is a step of its own, so that a flood of them can be left") {
  Link link({});
  for (int i = 0; i < 3; ++i) link.send({""});
  link.send({"text"});
  const Time deadline = link.clock.now() + kDeadline;
  RawIntake::Received received;
  std::uint64_t dropped = 0;
  auto step = RawIntake::Step::kNone;
  while (step != RawIntake::Step::kDocument && link.clock.now() < deadline) {
    const std::uint64_t before = link.counters.malformed;
    step = link.intake->receive(received);
    const std::uint64_t expected = step == RawIntake::Step::kDropped ? 1 : 0;
    REQUIRE(link.counters.malformed - before == expected);
    dropped += expected;
    if (step == RawIntake::Step::kNone) link.nothing.wait(2ms);
  }
  CHECK(dropped == 3);
  CHECK(received.document.bytes == "text");
}

}  // namespace
}  // namespace docmill
