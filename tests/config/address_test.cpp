#include "shared/config/address.h"

#include "tests/support/catch.h"

namespace docmill {
namespace {

TEST_CASE("A tcp address has a host and a port, an ipc address a path") {
  const Result<Address> tcp = parse_address("tcp://[::1]:5550");
  REQUIRE(tcp.ok());
  CHECK(tcp->host == "[::1]");
  CHECK(tcp->port == 5550);
  const Result<Address> ipc = parse_address("ipc://state/sockets/p1.control");
  REQUIRE(ipc.ok());
  CHECK(ipc->scheme == Address::Scheme::kIpc);
  CHECK(ipc->path == "state/sockets/p1.control");
}

TEST_CASE("A wrong address says what is wrong and what to do") {
  struct Case {
    std::string text;
    std::string error;
  };
  const std::vector<Case> cases = {
      {.text = "udp://a:1", .error = "must begin with tcp:// or ipc://, got 'udp://a:1'"},
      {.text = "10.0.0.1:5550", .error = "must begin with tcp:// or ipc://, got '10.0.0.1:5550'"},
      {.text = "inproc://a",
       .error =
           "must begin with tcp:// or ipc://, got 'inproc://a'; inproc cannot cross processes"},
      {.text = "tcp://a",
       .error = "must end with a port, such as tcp://127.0.0.1:5550, got 'tcp://a'"},
      {.text = "tcp://[::1]",
       .error = "must end with a port, such as tcp://127.0.0.1:5550, got 'tcp://[::1]'"},
      {.text = "tcp://a b:1",
       .error = "must have a host name, an IPv4 address or [an IPv6 address], got 'tcp://a b:1'"},
      {.text = "tcp://::1:5550",
       .error =
           "must have a host name, an IPv4 address or [an IPv6 address], got 'tcp://::1:5550'"},
      {.text = "tcp://a:", .error = "must have a port from 1 to 32767, got ''"},
      {.text = "tcp://a:0", .error = "must have a port from 1 to 32767, got '0'"},
      {.text = "tcp://a:*", .error = "must have a port from 1 to 32767, got '*'"},
      {.text = "tcp://a:99999", .error = "must have a port from 1 to 32767, got '99999'"},
      {.text = "tcp://a:32768",
       .error = "must have a port below 32768, got '32768'; the kernel hands out the ports from "
                "there up"},
      {.text = "ipc://", .error = "must have a path, such as ipc://state/p1.socket, got 'ipc://'"},
      {.text = "ipc://*",
       .error = "must have a path, such as ipc://state/p1.socket, got 'ipc://*'"},
      {.text = "ipc://" + std::string(108, 'a'),
       .error = "must have a path of at most 107 bytes, got 108; use a shorter one"},
  };
  for (const Case& test : cases) {
    const Result<Address> address = parse_address(test.text);
    REQUIRE_FALSE(address.ok());
    CHECK(address.error() == config_error(test.error));
  }
  CHECK(parse_address("ipc://" + std::string(107, 'a')).ok());
  CHECK(parse_address("tcp://a:32767").ok());
}

TEST_CASE("A host is an address, or a name that a resolver could know") {
  for (const std::string& host :
       {std::string("127.0.0.1"), std::string("localhost"), std::string("localhost."),
        std::string("docmill_sink_1"), std::string("3com.example"), std::string("a-b.1"),
        std::string("[::1]"), std::string("[fe80::1%eth0]"), std::string(63, 'a')}) {
    INFO(host);
    CHECK(is_host(host));
  }
  std::string longest(253, 'a');
  for (std::size_t i = 63; i < longest.size(); i += 64) longest[i] = '.';
  CHECK(is_host(longest));
  CHECK_FALSE(is_host(longest + "a"));
  for (const std::string& host :
       {std::string(""),          std::string("256.1.1.1"), std::string("127.1"),
        std::string("1.2.3.4.5"), std::string("7"),         std::string("-"),
        std::string("."),         std::string(".."),        std::string("a..b"),
        std::string(".a"),        std::string("a.."),       std::string("-a.b"),
        std::string("a-.b"),      std::string("a.-b"),      std::string(64, 'a'),
        std::string("[]"),        std::string("[:]"),       std::string("[1.2.3.4]"),
        std::string("[::1%]"),    std::string("a:b"),       std::string("a b")}) {
    INFO(host);
    CHECK_FALSE(is_host(host));
  }
}

TEST_CASE("Loopback and ipc are local, everything else is not") {
  for (const auto* text : {"tcp://127.0.0.1:1", "tcp://127.9.9.9:1", "tcp://[::1]:1",
                           "tcp://localhost:1", "ipc://a"}) {
    CHECK(parse_address(text)->is_local());
  }
  for (const auto* text : {"tcp://10.0.0.1:1", "tcp://*:1", "tcp://0.0.0.0:1", "tcp://[::]:1",
                           "tcp://eth0:1", "tcp://127.example.org:1"}) {
    CHECK_FALSE(parse_address(text)->is_local());
  }
}

TEST_CASE("Two addresses overlap when one machine cannot bind both") {
  const auto overlap = [](const char* a, const char* b) {
    return parse_address(a)->overlaps(*parse_address(b));
  };
  CHECK(overlap("tcp://10.0.0.1:1", "tcp://10.0.0.1:1"));
  CHECK(overlap("tcp://*:1", "tcp://10.0.0.1:1"));
  CHECK_FALSE(overlap("tcp://10.0.0.1:1", "tcp://10.0.0.2:1"));
  CHECK_FALSE(overlap("tcp://10.0.0.1:1", "tcp://10.0.0.1:2"));
  CHECK(overlap("ipc://a", "ipc://a"));
  CHECK_FALSE(overlap("ipc://a", "ipc://b"));
  CHECK_FALSE(overlap("ipc://a", "tcp://a:1"));
}

TEST_CASE("A range of ports is two ports below the ephemeral ones") {
  using Type = ScalarType<PortRange>;
  CHECK(*Type::parse("20000-20999") == PortRange{20000, 20999});
  CHECK(*Type::parse("20000") == PortRange{20000, 20000});
  CHECK(Type::write({1, 2}) == "1-2");
  for (const std::string text : {"", "-", "2-1", "0-1", "a-b", "1-2-3", "1 - 2", "1-70000"}) {
    CHECK(Type::parse(text).error() ==
          config_error("must be a range of ports, such as 20000-20999, got '" + text + "'"));
  }
  CHECK(Type::parse("32000-33000").error() ==
        config_error("must have a port below 32768, got '33000'; the kernel hands out the ports "
                     "from there up"));
}

}  // namespace
}  // namespace docmill
