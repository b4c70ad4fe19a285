// Peers that break the rules lose their connection; the others do not notice.
#include <random>

#include "tests/transport/fixture.h"

namespace docmill {
namespace {

// ZMTP 3.0 with the NULL mechanism, as a PUSH socket begins it.
std::string greeting() {
  std::string bytes = std::string("\xff\0\0\0\0\0\0\0\1\x7f\3\0NULL", 16);
  bytes.resize(64, '\0');
  return bytes;
}

std::string ready() { return std::string("\4\x1b\5READY\x0bSocket-Type\0\0\0\4PUSH", 28); }

std::vector<std::string> openings() {
  std::mt19937_64 random(11);
  std::vector<std::string> all = {
      "",
      "GET / HTTP/1.1\r\nHost: docmill\r\n\r\n",
      "SSH-2.0-OpenSSH_9.2\r\n",
      std::string("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", 11) + std::string(501, '\x5a'),
      greeting() + ready() + std::string("\2\xff\xff\xff\xff\xff\xff\xff\xff", 9),
      greeting() + ready() + std::string("\2\0\0\0\1\0\0\0\0", 9) + std::string(1000, 'x'),
      greeting() + ready() + std::string("\xf8\x05", 2) + "hello",
      greeting() + std::string("\4\xff", 2) + std::string(255, '\xff'),
      greeting() + ready() + ready(),
  };
  const std::string good = greeting() + ready();
  for (std::size_t size = 1; size < good.size(); ++size) all.push_back(good.substr(0, size));
  for (int i = 0; i < 100; ++i) {
    std::string noise(random() % 300, '\0');
    for (char& c : noise) c = static_cast<char>(random());
    all.push_back(noise);
    // Noise behind a good beginning; the even size of a frame of its own is left to chance.
    all.push_back(greeting() + noise);
  }
  return all;
}

// libzmq also understands the first ZMTP, which has no greeting: some garbage is a message to it,
// for the decoders to refuse.
void receive_among_garbage(PullSocket& pull, const std::string& expected) {
  Patience patience(pull);
  std::vector<Frame> message;
  while (!pull.receive(message) || message[0].bytes() != expected) patience.wait();
}

TEST_CASE("garbage on the port, of hundreds of connections, stops nobody else's messages") {
  const TempFolder folder;
  const auto scheme = GENERATE(Scheme::kTcp, Scheme::kIpc);
  const Context context = open_context();
  auto pull = required(PullSocket::bind(context, free_address(scheme, folder), kPairs));
  auto push = required(PushSocket::connect(context, pull.endpoint(), kPairs));
  std::vector<RawSocket> held;
  int number = 0;
  for (const std::string& opening : openings()) {
    RawSocket raw = RawSocket::connect(pull.endpoint());
    raw.write(opening);
    if (held.size() < 100) held.push_back(std::move(raw));
    if (++number % 20 != 0) continue;
    send(push, {std::to_string(number)});
    receive_among_garbage(pull, std::to_string(number));
  }
  CHECK(number > 290);
  // One that comes now is let in although the others stay.
  auto late = required(PushSocket::connect(context, pull.endpoint(), kPairs));
  send(late, {"late"});
  receive_among_garbage(pull, "late");
}

TEST_CASE("a connection that does not finish its handshake is ended") {
  const TempFolder folder;
  const auto scheme = GENERATE(Scheme::kTcp, Scheme::kIpc);
  const Context context = open_context();
  auto pull = required(PullSocket::bind(context, free_address(scheme, folder), kPairs));
  const RawSocket silent = RawSocket::connect(pull.endpoint());
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  char bytes[256];
  // Its greeting comes first; then the end of the connection.
  while (::recv(silent.fd(), bytes, sizeof bytes, 0) > 0) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
  }
}

TEST_CASE("a frame over the limit ends its sender's connection, which comes back") {
  const TempFolder folder;
  const auto scheme = GENERATE(Scheme::kTcp, Scheme::kIpc);
  const Context context = open_context();
  SocketLimits small = kPairs;
  small.frame = 64_KiB;
  auto pull = required(PullSocket::bind(context, free_address(scheme, folder), small));
  auto careless = required(PushSocket::connect(context, pull.endpoint(), kPairs));
  auto careful = required(PushSocket::connect(context, pull.endpoint(), small));
  send(careful, {"before"});
  CHECK(receive(pull) == std::vector<std::string>{"before"});
  send(careless, {std::string(65'537, 'x')});
  send(careful, {std::string(65'536, 'y')});
  CHECK(receive(pull) == std::vector{std::string(65'536, 'y')});
  // What was right behind the large frame may be lost with its connection.
  Patience patience(pull);
  std::vector<Frame> message;
  while (!pull.receive(message)) {
    Frame frame = Frame::copy("careful now");
    careless.send(frame);
    patience.wait();
  }
  REQUIRE(message.size() == 1);
  CHECK(message[0].bytes() == "careful now");
}

}  // namespace
}  // namespace docmill
