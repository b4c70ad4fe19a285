// PUSH to PULL over real sockets: what the daemons rely on.
#include "tests/transport/fixture.h"

namespace docmill {
namespace {

std::string numbered(int number, std::size_t size) {
  std::string bytes = std::to_string(number) + ' ';
  bytes.resize(std::max(size, bytes.size()), '.');
  return bytes;
}

int number_of(std::string_view bytes) { return std::stoi(std::string(bytes)); }

TEST_CASE("messages of two large frames arrive whole, in order, without a copy on the way out") {
  const TempFolder folder;
  const auto scheme = GENERATE(Scheme::kTcp, Scheme::kIpc);
  const Context context = open_context();
  auto pull = required(PullSocket::bind(context, free_address(scheme, folder), kPairs));
  auto push = required(PushSocket::connect(context, pull.endpoint(), kPairs));
  const auto payload = std::make_shared<const std::string>(1 << 20, 'x');
  for (int i = 0; i < 20; ++i) {
    std::array<Frame, 2> message = {Frame::copy(numbered(i, 100)), Frame::share(payload)};
    REQUIRE(message[1].bytes().data() == payload->data());
    send(push, message);
    REQUIRE(message[0].size() == 0);
    REQUIRE(message[1].size() == 0);
    const auto frames = receive(pull);
    REQUIRE(frames.size() == 2);
    CHECK(number_of(frames[0]) == i);
    CHECK(frames[1] == *payload);
  }
  // libzmq's thread gives the last reference back after the bytes are out.
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (payload.use_count() > 1) REQUIRE(std::chrono::steady_clock::now() < deadline);
}

TEST_CASE("a full queue takes no message, leaves it untouched, and loses none") {
  const TempFolder folder;
  const auto scheme = GENERATE(Scheme::kTcp, Scheme::kIpc);
  const Context context = open_context();
  auto pull = required(PullSocket::bind(context, free_address(scheme, folder), kPairs));
  auto push = required(PushSocket::connect(context, pull.endpoint(), kPairs));
  const auto payload = std::make_shared<const std::string>(256 << 10, 'x');
  std::array<Frame, 2> message;
  int sent = 0;
  do {
    message = {Frame::copy(numbered(sent, 100)), Frame::share(payload)};
  } while (push.send(message) && ++sent < 100);
  // Two queues of 8, and what the kernel holds of 256 KiB messages.
  REQUIRE(sent < 30);
  CHECK(message[0].bytes() == numbered(sent, 100));
  CHECK(message[1].bytes().data() == payload->data());
  int received = 0;
  std::vector<Frame> got;
  Patience patience(pull);
  while (received < 60) {
    while (sent < 60 && push.send(message)) {
      message = {Frame::copy(numbered(++sent, 100)), Frame::share(payload)};
    }
    for (; pull.receive(got); ++received) {
      REQUIRE(number_of(got.at(0).bytes()) == received);
      REQUIRE(got.at(1).bytes() == *payload);
    }
    patience.wait();
  }
}

TEST_CASE("each peer has a queue of its own: one that does not read fills nobody else's") {
  const TempFolder folder;
  const Context context = open_context();
  auto stuck = required(PullSocket::bind(context, free_address(Scheme::kTcp, folder), kPairs));
  auto reading = required(PullSocket::bind(context, free_address(Scheme::kIpc, folder), kPairs));
  auto to_stuck = required(PushSocket::connect(context, stuck.endpoint(), kPairs));
  auto to_reading = required(PushSocket::connect(context, reading.endpoint(), kPairs));
  Frame large = Frame::copy(std::string(1 << 20, 'x'));
  while (to_stuck.send(large)) large = Frame::copy(std::string(1 << 20, 'x'));
  for (int i = 0; i < 20; ++i) {
    send(to_reading, {std::to_string(i)});
    CHECK(receive(reading) == std::vector{std::to_string(i)});
  }
}

TEST_CASE("a message with more frames than the limit is read to its end, discarded and counted") {
  const TempFolder folder;
  const auto scheme = GENERATE(Scheme::kTcp, Scheme::kIpc);
  const Context context = open_context();
  SocketLimits wide = kPairs;
  wide.frames = 100;
  auto pull = required(PullSocket::bind(context, free_address(scheme, folder), kPairs));
  auto push = required(PushSocket::connect(context, pull.endpoint(), wide));
  send(push, {"a", "b"});
  send(push, {"a", "b", "c"});
  send(push, std::vector<std::string>(100, "x"));
  send(push, {"d"});
  CHECK(receive(pull) == std::vector<std::string>{"a", "b"});
  CHECK(receive(pull) == std::vector<std::string>{"d"});
  CHECK(pull.discarded() == 2);
}

TEST_CASE("a flood of messages with too many frames ends a call after a thousand of them") {
  constexpr std::uint64_t kFlood = 20'000;
  const TempFolder folder;
  const Context context = open_context();
  SocketLimits wide = kPairs;
  wide.messages = 100'000;
  SocketLimits narrow = wide;
  narrow.frames = 1;
  auto pull = required(PullSocket::bind(context, free_address(Scheme::kIpc, folder), narrow));
  auto push = required(PushSocket::connect(context, pull.endpoint(), wide));
  for (std::uint64_t i = 0; i < kFlood; ++i) send(push, {"a", "b"});
  send(push, {"good"});
  std::vector<Frame> message;
  Patience patience(pull);
  for (bool received = false; !received; patience.wait()) {
    const std::uint64_t before = pull.discarded();
    received = pull.receive(message);
    REQUIRE(pull.discarded() - before <= 1000);
  }
  CHECK(message.at(0).bytes() == "good");
  CHECK(pull.discarded() == kFlood);
}

TEST_CASE("what is sent before the peer is there waits for it") {
  const TempFolder folder;
  const auto scheme = GENERATE(Scheme::kTcp, Scheme::kIpc);
  const Context context = open_context();
  const std::string address = free_address(scheme, folder);
  auto push = required(PushSocket::connect(context, address, kPairs));
  for (int i = 0; i < 5; ++i) send(push, {std::to_string(i)});
  auto pull = required(PullSocket::bind(context, address, kPairs));
  for (int i = 0; i < 5; ++i) CHECK(receive(pull) == std::vector{std::to_string(i)});
}

TEST_CASE("after the bound side comes back the queue goes on in order, with nothing twice") {
  const TempFolder folder;
  const auto scheme = GENERATE(Scheme::kTcp, Scheme::kIpc);
  const Context context = open_context();
  const std::string address = free_address(scheme, folder);
  auto push = required(PushSocket::connect(context, address, kPairs));
  int sent = 0;
  int seen = -1;
  for (int life = 0; life < 4; ++life) {
    // A context of its own: its end is as good as that of a process.
    const Context own = open_context();
    auto pull = required(PullSocket::bind(own, address, kPairs));
    const int first_of_life = sent;
    std::vector<Frame> got;
    Patience patience(pull);
    while (seen < first_of_life + 10) {
      Frame frame = Frame::copy(numbered(sent, 20'000));
      while (push.send(frame)) frame = Frame::copy(numbered(++sent, 20'000));
      while (pull.receive(got)) {
        REQUIRE(number_of(got.at(0).bytes()) > seen);
        seen = number_of(got.at(0).bytes());
      }
      patience.wait();
    }
  }
}

TEST_CASE("closing with a linger delivers what is queued, even to a peer that comes later") {
  const TempFolder folder;
  const auto scheme = GENERATE(Scheme::kTcp, Scheme::kIpc);
  const Context context = open_context();
  const std::string address = free_address(scheme, folder);
  {
    auto push = required(PushSocket::connect(context, address, kPairs));
    for (int i = 0; i < 8; ++i) send(push, {numbered(i, 500'000)});
    push.close(kDeadline);
  }
  auto pull = required(PullSocket::bind(context, address, kPairs));
  for (int i = 0; i < 8; ++i) CHECK(number_of(receive(pull).at(0)) == i);
}

TEST_CASE("the end of a context does not wait for a peer that never comes") {
  const TempFolder folder;
  const auto start = std::chrono::steady_clock::now();
  {
    const Context context = open_context();
    auto push = required(PushSocket::connect(context, free_address(Scheme::kIpc, folder), kPairs));
    send(push, {"nobody reads this"});
  }
  CHECK(std::chrono::steady_clock::now() - start < kDeadline);
}

TEST_CASE("a socket outlives the name of its context") {
  const TempFolder folder;
  auto context = std::make_unique<Context>(open_context());
  auto pull = required(PullSocket::bind(*context, free_address(Scheme::kIpc, folder), kPairs));
  auto push = required(PushSocket::connect(*context, pull.endpoint(), kPairs));
  context.reset();
  send(push, {"still here"});
  CHECK(receive(pull) == std::vector<std::string>{"still here"});
}

TEST_CASE("a socket whose peer was once of another kind is connected anew after 10 s of refusals") {
  const TempFolder folder;
  const Context context = open_context();
  const std::string address = free_address(Scheme::kTcp, folder);
  auto push = required(PushSocket::connect(context, address, kPairs));
  {
    const Context own = open_context();
    auto other = required(PubSocket::bind(own, address, kPairs));
    // Full means: its queue has an end, or no connection any more.
    Frame frame = Frame::copy("lost");
    while (push.send(frame)) frame = Frame::copy("lost");
  }
  auto pull = required(PullSocket::bind(context, address, kPairs));
  const Time start{};
  Frame found = Frame::copy("found");
  CHECK_FALSE(push.send(found, start));
  CHECK_FALSE(push.send(found, start + std::chrono::milliseconds(9999)));
  CHECK(push.send(found, start + std::chrono::seconds(10)));
  CHECK(receive(pull) == std::vector<std::string>{"found"});
}

TEST_CASE("a link with a large message in its queue is replaced after the time for its size") {
  const TempFolder folder;
  const Context context = open_context();
  SocketLimits limits = kPairs;
  limits.frame = Bytes{64 << 20};
  auto push = required(PushSocket::connect(context, free_address(Scheme::kIpc, folder), limits));
  Frame large = Frame::copy(std::string(40 << 20, 'x'));  // 5 s
  REQUIRE(push.send(large));
  Frame frame = Frame::copy("small");
  while (push.send(frame)) frame = Frame::copy("small");
  const Time start{};
  CHECK_FALSE(push.send(frame, start));
  CHECK_FALSE(push.send(frame, start + std::chrono::milliseconds(14'999)));
  CHECK(push.send(frame, start + std::chrono::seconds(15)));
}

TEST_CASE("a connection that was lost and made again between two looks is seen to be lost") {
  const TempFolder folder;
  const Context context = open_context();
  const std::string address = free_address(GENERATE(Scheme::kTcp, Scheme::kIpc), folder);
  auto push = required(PushSocket::connect(context, address, kPairs, {}, /*watched=*/true));
  {
    const Context own = open_context();  // its end waits until the socket is closed
    auto first = required(PullSocket::bind(own, address, kPairs));
    send(push, {"1"});
    receive(first);
    REQUIRE(push.connected());
  }
  auto second = required(PullSocket::bind(context, address, kPairs));
  // What is sent before libzmq notices the loss may go with it.
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  Poller arrival;
  arrival.readable(second);
  std::vector<Frame> message;
  do {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    Frame frame = Frame::copy("2");
    push.send(frame);
    arrival.wait(10ms);
  } while (!second.receive(message));
  CHECK_FALSE(push.connected());
  CHECK(push.connected());
}

}  // namespace
}  // namespace docmill
