#include "shared/transport/host_names.h"

#include <atomic>
#include <latch>

#include "tests/transport/fixture.h"

namespace docmill {
namespace {

// A name whose addresses a test changes. The thread that looks it up may outlive the test.
struct Name : std::enable_shared_from_this<Name> {
  std::mutex mutex;
  Result<HostWatch::Addresses> found = unavailable("no such name");
  std::atomic<int> lookups = 0;

  void set(Result<HostWatch::Addresses> now) {
    const std::lock_guard lock(mutex);
    found = std::move(now);
  }
  Context open_context(Duration every = 1ms) {
    return required(Context::open(
        [self = shared_from_this()](const std::string&) {
          ++self->lookups;
          const std::lock_guard lock(self->mutex);
          return self->found;
        },
        every));
  }
};

std::uint16_t free_port() { return parse_endpoint(free_tcp_address())->port; }

std::string at(const std::string& host, std::uint16_t port) {
  return fmt::format("tcp://{}:{}", host, port);
}

std::vector<std::string> next_problems(const Context& context) {
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  auto problems = context.names().problems();
  for (Poller nothing; problems.empty(); problems = context.names().problems()) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    nothing.wait(1ms);
  }
  return problems;
}

TEST_CASE("a name without an address is looked up once for a range of ports, and is the error") {
  const auto name = std::make_shared<Name>();
  const Context context = name->open_context(3600s);
  const auto pull = PullSocket::bind_in_range(context, "host.example", 20000, 20999, kPairs);
  REQUIRE_FALSE(pull);
  CHECK(pull.error() ==
        unavailable("tcp://host.example:20000: expected a name that has an address, "
                    "found none: no such name"));
  CHECK(name->lookups == 1);
}

TEST_CASE("a lookup that does not end is given up when the patience ends") {
  const auto over = std::make_shared<std::latch>(1);
  const Context context = required(Context::open(
      [over](const std::string&) -> Result<HostWatch::Addresses> {
        over->wait();
        return HostWatch::Addresses{};
      },
      3600s));
  int asked = 0;
  context.names().set_patience([&](const std::string& host, Duration) {
    CHECK(host == "host.example");
    return ++asked < 3;
  });
  const auto pull = PullSocket::bind(context, "tcp://host.example:20000", kPairs);
  CHECK(asked == 3);
  REQUIRE_FALSE(pull);
  CHECK(pull.error() ==
        unavailable("tcp://host.example:20000: expected a name that has an address, found none: "
                    "the name server has not answered yet"));
  over->count_down();
}

TEST_CASE("a port that is taken at one address of a name is left at the others") {
  const auto name = std::make_shared<Name>();
  name->set(HostWatch::Addresses{"127.0.0.2", "127.0.0.3"});
  const Context context = name->open_context();
  const std::uint16_t port = free_port();
  auto taken = required(PullSocket::bind(context, at("127.0.0.3", port), kPairs));
  const auto other = static_cast<std::uint16_t>(port + 1);
  auto pull = required(PullSocket::bind_in_range(context, "host.example", port, other, kPairs));
  CHECK(pull.endpoint() == at("host.example", other));
  CHECK(pull.place() == at("host.example", other) + " (127.0.0.2, 127.0.0.3)");
  CHECK(PullSocket::bind(open_context(), at("127.0.0.2", port), kPairs).ok());
}

TEST_CASE("of the addresses of a name, the one that accepts connections is found") {
  struct Case {
    HostWatch::Addresses addresses;
    std::string listens;
  };
  const Case c = GENERATE(Case{{"127.0.0.2", "127.0.0.3", "127.0.0.4"}, "127.0.0.4"},
                          Case{{"127.0.0.2", "127.0.0.3"}, "127.0.0.2"},
                          Case{{"127.0.0.2", "[::1]"}, "[::1]"});
  const bool watched = GENERATE(false, true);
  const auto name = std::make_shared<Name>();
  name->set(c.addresses);
  const Context context = name->open_context();
  const std::uint16_t port = free_port();
  auto pull = required(PullSocket::bind(context, at(c.listens, port), kPairs));
  auto push = required(PushSocket::connect(context, at("host.example", port), kPairs, {}, watched));
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  Poller nothing;
  Frame frame = Frame::copy("a");
  while (!push.send(frame)) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    if (watched) push.connected();
    nothing.wait(1ms);
  }
  CHECK(receive(pull) == std::vector<std::string>{"a"});

  REQUIRE(push.reconnect());  // to the next address, and from there back
  frame = Frame::copy("b");
  while (!push.send(frame)) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    if (watched) push.connected();
    nothing.wait(1ms);
  }
  CHECK(receive(pull) == std::vector<std::string>{"b"});
}

TEST_CASE("a bound name that only this host can reach is reported once") {
  const auto name = std::make_shared<Name>();
  name->set(HostWatch::Addresses{"127.0.1.1"});
  const Context context = name->open_context(3600s);
  const std::uint16_t port = free_port();
  const auto pull = required(PullSocket::bind(context, at("web", port), kPairs));
  CHECK(context.names().problems() ==
        std::vector{at("web", port) +
                    ": expected a name that other hosts can reach, got 127.0.1.1; only this host "
                    "reaches that: correct 'web' in /etc/hosts, or give the address of this host"});
  CHECK(context.names().problems().empty());
  const auto local = required(PullSocket::bind(context, at("localhost", free_port()), kPairs));
  CHECK(context.names().problems().empty());
}

TEST_CASE("a bound name that gets another address is reported once for each, while it is bound") {
  const auto name = std::make_shared<Name>();
  name->set(HostWatch::Addresses{"127.0.0.2"});
  const Context context = name->open_context();
  const std::uint16_t port = free_port();
  std::optional pull = required(PullSocket::bind(context, at("localhost", port), kPairs));
  const auto moved = [&](const std::string& to) {
    return std::vector{fmt::format(
        "{}: expected 'localhost' to be 127.0.0.2, where this daemon listens, got {}; send SIGHUP "
        "or run 'docmill reload' to listen there",
        at("localhost", port), to)};
  };
  CHECK(context.names().problems().empty());
  name->set(HostWatch::Addresses{"127.0.0.3"});
  CHECK(next_problems(context) == moved("127.0.0.3"));
  CHECK(context.names().problems().empty());
  name->set(HostWatch::Addresses{"127.0.0.4"});
  CHECK(next_problems(context) == moved("127.0.0.4"));
  pull.reset();
  pull = required(PullSocket::bind(context, at("localhost", port), kPairs));
  CHECK(context.names().problems().empty());
}

}  // namespace
}  // namespace docmill
