#include <chrono>

#include "shared/config/yaml.h"
#include "shared/transport/poller.h"
#include "sink/outputs/zmq.h"
#include "tests/sink/sink_fixture.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

constexpr SocketLimits kMessages = {.frames = 3, .frame = {1 << 20}, .messages = 100};

struct ZmqFixture : SinkFixture {
  std::string address() const { return "ipc://" + (folder / "raw.socket").string(); }

  std::unique_ptr<Output> open(const std::string& fields) {
    Findings findings;
    const Place place(findings, "settings");
    const auto node = parse_yaml("{ " + fields + " }", place);
    const std::any parsed = zmq_output().schema.parse(*node, place);
    INFO(findings.text());
    REQUIRE(findings.empty());
    OutputContext opened = context();
    opened.sockets = &sockets;
    auto output = zmq_output().open(parsed, opened);
    INFO((output ? "" : output.error().text));
    REQUIRE(output.ok());
    return std::move(*output);
  }

  Context sockets = *Context::open();
};

void add(Output& output, std::string_view bytes, std::string_view notes = {}) {
  output.add({}, {.format = Format::kJson, .bytes = bytes, .origin = {}, .notes = notes});
}

// The next message, its frames with a | between them; "nothing" after a while without one.
template <typename Socket>
std::string next(Socket& socket, Duration patience = std::chrono::seconds(20)) {
  std::vector<Frame> message;
  Poller poller;
  poller.readable(socket);
  if (!socket.receive(message) && !(poller.wait(patience) && socket.receive(message))) {
    return "nothing";
  }
  std::string text;
  for (const Frame& frame : message) {
    text += (text.empty() ? "" : "|") + std::string(frame.bytes());
  }
  return text;
}

TEST_CASE("a push waits for a peer, keeps the order, and sends nothing twice when it goes on") {
  ZmqFixture fixture;
  auto output = fixture.open("connect: \"" + fixture.address() + "\"");
  add(*output, "1");
  add(*output, "2");
  auto waiting = output->sync();
  // For the first second it is merely slow.
  while (waiting.error() == unavailable("")) waiting = output->sync();
  REQUIRE_FALSE(waiting.ok());
  CHECK(waiting.error() ==
        unavailable("sink.zmq: " + fixture.address() +
                    ": expected a peer that takes documents, found none; start it, or let it "
                    "catch up"));
  auto peer = PullSocket::bind(fixture.sockets, fixture.address(), kMessages);
  REQUIRE(peer.ok());
  // The connection is there a moment later.
  for (waiting = output->sync(); !waiting.ok(); waiting = output->sync()) {
    REQUIRE(waiting.error().code == ErrorCode::kUnavailable);
  }
  REQUIRE(output->sync().ok());  // the commit had to be tried again
  REQUIRE(output->settle().ok());
  add(*output, "3");
  REQUIRE(output->sync().ok());
  CHECK(next(*peer) == "1");
  CHECK(next(*peer) == "2");
  CHECK(next(*peer) == "3");
  CHECK(next(*peer, std::chrono::milliseconds(50)) == "nothing");
}

TEST_CASE("what was handed over arrives when the output ends") {
  ZmqFixture fixture;
  auto peer = PullSocket::bind(fixture.sockets, fixture.address(), kMessages);
  REQUIRE(peer.ok());
  {
    auto output = fixture.open("connect: \"" + fixture.address() + "\", topic: prefix, " +
                               "separator: \":\", topic_name: books");
    for (int i = 0; i < 50; ++i) add(*output, std::to_string(i));
    REQUIRE(output->sync().ok());
  }
  for (int i = 0; i < 50; ++i) CHECK(next(*peer) == "books:" + std::to_string(i));
}

TEST_CASE("a pub sends a group when it is committed, with topics from notes and their sequences") {
  ZmqFixture fixture;
  auto output = fixture.open("type: pub, bind: \"" + fixture.address() +
                             "\", topic: frame, topic_note: route, topic_name: other, sequence: "
                             "le32, queue: 4");
  auto peer = SubSocket::connect(fixture.sockets, fixture.address(), {""}, kMessages);
  REQUIRE(peer.ok());
  // Until the subscription is there, nobody gets anything.
  do {
    add(*output, "hello");
    REQUIRE(output->sync().ok());
    REQUIRE(output->settle().ok());
  } while (next(*peer, std::chrono::milliseconds(10)) == "nothing");
  // On a busy machine several arrive.
  const auto next_document = [&] {
    std::string message = next(*peer);
    while (message.starts_with("other|hello|")) message = next(*peer);
    return message;
  };

  CHECK_FALSE(output->full(0));
  CHECK(output->full(2));  // documents that wait for the decision of other outputs
  add(*output, "1", R"("route":"a")");
  add(*output, "2", R"("route":"b")");
  CHECK(output->full(0));
  REQUIRE(output->sync().ok());
  CHECK_FALSE(next(*peer, std::chrono::milliseconds(50)).ends_with("1"));
  REQUIRE(output->settle().ok());
  CHECK_FALSE(output->full(0));
  using std::string_literals::operator""s;
  CHECK(next_document() == "a|1|\0\0\0\0"s);
  CHECK(next_document() == "b|2|\0\0\0\0"s);
  add(*output, "3", R"("route":"a")");
  REQUIRE(output->settle().ok());
  CHECK(next_document() == "a|3|\1\0\0\0"s);
}

}  // namespace
}  // namespace docmill::test
