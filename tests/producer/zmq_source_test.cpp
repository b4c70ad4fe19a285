#include <chrono>

#include "shared/base/binary.h"
#include "shared/transport/poller.h"
#include "tests/producer/source_fixture.h"

namespace docmill::test {
namespace {

constexpr SocketLimits kMessages = {.frames = 8, .frame = {1 << 20}, .messages = 4};

// The source, bound to a socket file, and a program that pushes to it.
struct ZmqFixture : SourceFixture {
  std::string address() const { return "ipc://" + path("raw.socket"); }

  Result<std::unique_ptr<Source>> open_zmq(const std::string& settings) {
    Findings findings;
    const Place place(findings, "settings");
    const auto node = parse_yaml(settings, place);
    const std::any parsed = zmq_source().schema.parse(*node, place);
    if (!findings.empty()) return config_error(findings.text());
    SourceContext opened = context();
    opened.sockets = &sockets;
    opened.raw = &counters;
    return zmq_source().open(parsed, opened);
  }
  std::unique_ptr<Source> started(const std::string& fields = "") {
    auto source = open_zmq("{ bind: \"" + address() + "\"" + fields + " }");
    INFO((source ? "" : source.error().text));
    REQUIRE(source.ok());
    (*source)->take();  // caught up
    return std::move(*source);
  }
  PushSocket push() {
    auto socket = PushSocket::connect(sockets, address(), kMessages);
    REQUIRE(socket.ok());
    return std::move(*socket);
  }
  static void send(PushSocket& socket, const std::vector<std::string>& frames) {
    std::vector<Frame> message;
    for (const std::string& frame : frames) message.push_back(Frame::copy(frame));
    Poller poller;
    while (!socket.send(message)) {
      poller.clear();
      poller.writable(socket);
      REQUIRE(poller.wait(std::chrono::seconds(20)));
    }
  }
  // What the source gives until there are so many documents, taking in meanwhile.
  static std::vector<Seen> read(Source& source, std::size_t count) {
    std::vector<Seen> all;
    Poller nothing;
    const SystemClock clock;
    const Time deadline = clock.now() + std::chrono::seconds(20);
    while (all.size() < count) {
      REQUIRE(clock.now() < deadline);
      REQUIRE(source.serve().ok());
      auto next = source.peek();
      REQUIRE(next.ok());
      if (next->state == Source::State::kIdle) {
        nothing.wait(std::chrono::milliseconds(1));
        continue;
      }
      if (is_document(seen(*next))) all.push_back(seen(*next));
      source.take();
    }
    return all;
  }

  Context sockets = *Context::open();
  RawCounters counters;
};

std::string le32(std::uint32_t number) {
  std::string bytes;
  BinaryWriter(bytes).number(number);
  return bytes;
}

TEST_CASE("messages come out of the spool as documents with their topic and sequence") {
  ZmqFixture fixture;
  auto source = fixture.started(", topic: frame, sequence: le32, inflate: zlib");
  auto peer = fixture.push();
  const std::string zlib("\x78\x9c\xb3\x49\xd4\xb7\x03\x00\x02\xb3\x01\x0b", 12);  // <a/>
  ZmqFixture::send(peer, {"a", zlib, le32(7)});
  ZmqFixture::send(peer, {"lonely"});
  ZmqFixture::send(peer, {"a", "no zlib", le32(10)});
  const std::vector<Seen> all = ZmqFixture::read(*source, 2);
  CHECK(outline(all) == "<a/> !");
  CHECK(all[0].format == Format::kXml);
  CHECK(all[0].source == fixture.address());
  CHECK(all[0].notes == R"("topic":"a","sequence":"7")");
  CHECK(all[1].bytes == "no zlib");
  CHECK(all[1].reason == "zlib: incorrect header check");
  CHECK(fixture.counters.malformed == 1);
  CHECK(fixture.counters.missed == 2);
  CHECK(fixture.log.lines ==
        std::vector<std::string>{
            "producer.source.zmq: a message was dropped: expected a sequence of 4 bytes in a last "
            "frame, found 1 frame, the last of 6 bytes",
            "producer.source.zmq: 2 messages of topic 'a' are missing before sequence 10; 2 in "
            "all"});
}

TEST_CASE("a full spool makes the peer wait, and nothing is lost or out of order") {
  ZmqFixture fixture;
  auto source = fixture.started(", spool: 1MiB, queue: 2");
  auto peer = fixture.push();
  const std::string filler(100'000, ' ');
  std::size_t sent = 0;
  Poller nothing;
  // As many as find room in the spool and in the queues; the rest when some are settled.
  for (int quiet = 0; quiet < 50;) {
    Frame frame = Frame::copy(std::to_string(sent) + filler);
    const bool taken = peer.send(frame);
    sent += taken ? 1 : 0;
    quiet = taken ? 0 : quiet + 1;
    REQUIRE(source->serve().ok());
    if (!taken) nothing.wait(std::chrono::milliseconds(2));
  }
  CHECK(sent > 10);
  CHECK(sent < 60);
  std::size_t number = 0;
  for (; number < sent; ++number) {
    const auto next = ZmqFixture::read(*source, 1);
    REQUIRE(next[0].bytes == std::to_string(number) + filler);
    REQUIRE(source->settled(source->position()).ok());
  }
}

TEST_CASE("a message that never fits into the spool becomes a dead letter, each one") {
  ZmqFixture fixture;
  auto source = fixture.started(", spool: 1MiB");
  auto peer = fixture.push();
  for (const std::string text : {"a", "b"}) {
    ZmqFixture::send(peer, {text + std::string(800'000, 'x')});
  }
  ZmqFixture::send(peer, {"small"});
  const std::vector<Seen> all = ZmqFixture::read(*source, 3);
  CHECK(outline(all) == "! ! small");
  CHECK(all[0].bytes == "a" + std::string((64 << 10) - 1, 'x'));
  CHECK_THAT(all[1].reason,
             Catch::Contains("never fits into a spool of 1MiB") && Catch::Contains("800001"));
  CHECK(fixture.log.lines.empty());
}

TEST_CASE("an address that another one has, and a wrong one, are said") {
  ZmqFixture fixture;
  const auto first = fixture.started();
  const auto second = fixture.open_zmq("{ bind: \"" + fixture.address() + "\" }");
  REQUIRE_FALSE(second.ok());
  CHECK(second.error() ==
        unavailable("producer.source.zmq: " + fixture.address() +
                    ": in use by another process; stop it first, or choose another address"));
  const auto absent = fixture.open_zmq("{ bind: \"tcp://192.0.2.1:20000\", insecure: true }");
  REQUIRE_FALSE(absent.ok());
  CHECK(absent.error() ==
        config_error("producer.source.zmq: tcp://192.0.2.1:20000: expected an address of this "
                     "machine, found '192.0.2.1'; use 127.0.0.1 for programs on this machine, "
                     "0.0.0.0 for all"));
  const auto keyless = fixture.open_zmq(
      "{ connect: \"ipc://a\", curve: {keys: " + fixture.path("keys") + ", name: p1, server: b} }");
  REQUIRE_FALSE(keyless.ok());
  CHECK(keyless.error() == config_error("producer.source.zmq: " + fixture.path("keys/p1.secret") +
                                        ": no such file; make it with docmill keygen"));
}

TEST_CASE("a flood of bad messages ends a turn of the source, and documents among it arrive") {
  constexpr std::uint64_t kFlood = 50'000;
  constexpr std::uint64_t kTurn = 4096;
  ZmqFixture fixture;
  auto source = fixture.started(", queue: 100000");
  SocketLimits limits = kMessages;
  limits.messages = 100'000;
  auto peer = PushSocket::connect(fixture.sockets, fixture.address(), limits);
  REQUIRE(peer.ok());
  for (std::uint64_t i = 0; i < kFlood; ++i) ZmqFixture::send(*peer, {""});
  ZmqFixture::send(*peer, {"good"});
  Poller nothing;
  const SystemClock clock;
  const Time deadline = clock.now() + std::chrono::seconds(20);
  while (fixture.counters.malformed < kFlood) {
    REQUIRE(clock.now() < deadline);
    const std::uint64_t before = fixture.counters.malformed;
    REQUIRE(source->serve().ok());
    REQUIRE(fixture.counters.malformed - before <= kTurn);
    if (fixture.counters.malformed == before) nothing.wait(std::chrono::milliseconds(1));
  }
  CHECK(outline(ZmqFixture::read(*source, 1)) == "good");
}

}  // namespace
}  // namespace docmill::test
