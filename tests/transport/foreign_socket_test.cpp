#include "shared/transport/foreign_socket.h"

#include <mutex>

#include "tests/transport/fixture.h"

namespace docmill {
namespace {

// A name whose addresses a test changes. Who looks them up may outlive the test.
struct Names : std::enable_shared_from_this<Names> {
  std::mutex mutex;
  Result<HostWatch::Addresses> found = HostWatch::Addresses();

  void set(Result<HostWatch::Addresses> now) {
    const std::lock_guard lock(mutex);
    found = std::move(now);
  }
  HostWatch::Lookup lookup() {
    return [self = shared_from_this()](const std::string&) {
      const std::lock_guard lock(self->mutex);
      return self->found;
    };
  }
};

struct Lines final : Log {
  void write(LogLevel, std::string_view text) override { lines.emplace_back(text); }
  std::vector<std::string> lines;
};

std::string port_of(const std::string& address) { return address.substr(address.rfind(':')); }

// Whom messages come from, for as long as it takes to see that the last of them has gone or come.
std::set<std::string> heard(ForeignSocket& socket, std::vector<PubSocket>& publishers, int rounds) {
  std::set<std::string> names;
  std::vector<Frame> message;
  Poller nothing;
  for (int i = 0; i < rounds; ++i) {
    for (PubSocket& publisher : publishers) {
      Frame frame = Frame::copy(publisher.endpoint());
      publisher.send(std::span(&frame, 1));
    }
    nothing.wait(2ms);
    while (socket.receive(message)) names.emplace(message.front().bytes());
  }
  return names;
}

TEST_CASE("a name is all of its addresses, and stays so when they change or are not known") {
  const auto context = required(Context::open());
  const std::string port = port_of(free_tcp_address());
  std::vector<PubSocket> publishers;
  std::vector<std::string> hosts = {"127.0.0.2", "127.0.0.3", "127.0.0.4"};
  for (const std::string& host : hosts) {
    publishers.push_back(required(PubSocket::bind(context, "tcp://" + host + port, kPairs)));
  }
  const auto at = [&](int number) { return publishers[number].endpoint(); };
  const auto names = std::make_shared<Names>();
  Lines log;
  names->set(unavailable("no such name"));
  ForeignSocket::Settings settings;
  settings.kind = Socket::Kind::kSub;
  settings.connect = {"tcp://feed.example.org" + port};
  settings.resolve = 1ms;
  settings.lookup = names->lookup();
  settings.log = &log;
  auto socket = required(ForeignSocket::open(context, settings));
  const auto hears = [&](const std::set<std::string>& expected) {
    const SystemClock clock;
    const Time deadline = clock.now() + kDeadline;
    while (heard(socket, publishers, 50) != expected && clock.now() < deadline) continue;
    return heard(socket, publishers, 50) == expected;
  };
  CHECK(hears({}));
  names->set(HostWatch::Addresses{hosts[0], hosts[1]});
  CHECK(hears({at(0), at(1)}));
  names->set(HostWatch::Addresses{hosts[1], hosts[2]});
  CHECK(hears({at(1), at(2)}));
  names->set(unavailable("nobody answers"));
  CHECK(hears({at(1), at(2)}));
  CHECK(log.lines ==
        std::vector<std::string>{
            "feed.example.org: expected a name that has an address, found none: no such name; it "
            "is looked up again",
            "feed.example.org is 127.0.0.2, 127.0.0.3", "feed.example.org is 127.0.0.3, 127.0.0.4",
            "feed.example.org: expected a name that has an address, found none: nobody answers; it "
            "is looked up again"});
}

TEST_CASE("the system knows localhost, and addresses are no names") {
  const auto found = HostWatch::look_up("localhost");
  REQUIRE(found.ok());
  CHECK((found->contains("127.0.0.1") || found->contains("[::1]")));
  CHECK(HostWatch::is_name("localhost"));
  CHECK(HostWatch::is_name("10.0.0.example"));
  CHECK_FALSE(HostWatch::is_name("10.0.0.7"));
  CHECK_FALSE(HostWatch::is_name("[::1]"));
}

TEST_CASE("a push without a peer takes nothing") {
  const auto context = required(Context::open());
  ForeignSocket::Settings settings;
  settings.kind = Socket::Kind::kPush;
  settings.connect = {free_tcp_address()};
  auto socket = required(ForeignSocket::open(context, settings));
  Frame frame = Frame::copy("a");
  CHECK_FALSE(socket.send(std::span(&frame, 1)));
  CHECK(frame.bytes() == "a");
}

}  // namespace
}  // namespace docmill
