// What `deliver` does with programs is in tests/process/deliver_test.py, where real ones take
// documents.
#include "shared/config/yaml.h"
#include "sink/outputs/deliver.h"
#include "tests/sink/sink_fixture.h"

namespace docmill::test {
namespace {

struct DeliverFixture : SinkFixture {
  Result<std::unique_ptr<Output>> open(const std::string& settings) {
    Findings findings;
    const Place place(findings, "settings");
    const std::any parsed = deliver_output().schema.parse(*parse_yaml(settings, place), place);
    if (!findings.empty()) return config_error(findings.text());
    OutputContext here = context();
    here.sockets = &sockets;
    here.clock = &clock;
    here.place = "sink.outputs.deliver";
    return deliver_output().open(parsed, here);
  }
  std::string address() const { return "ipc://" + (folder / "deliver").string(); }

  Context sockets = *Context::open();
  SystemClock clock;
};

TEST_CASE_METHOD(DeliverFixture, "while nobody takes documents a group waits, and is not lost") {
  auto output = open("bind: '" + address() + "'");
  INFO((output ? "" : output.error().text));
  REQUIRE(output.ok());
  REQUIRE((*output)->sync().ok());  // nothing to deliver
  (*output)->add({"p1", 7, 1, 0, 0}, {.format = Format::kJson, .bytes = "{}", .origin = {}});
  for (int i = 0; i < 2; ++i) {
    CHECK((*output)->sync().error() ==
          unavailable("sink.outputs.deliver: " + address() +
                      ": expected a program that takes documents, found none; start one"));
  }
  CHECK((*output)->take_rejected().empty());
  CHECK((*output)->fd() >= 0);
}

TEST_CASE_METHOD(DeliverFixture, "an address to deliver at is an address, free and of loopback") {
  const auto first = open("bind: '" + address() + "'");
  REQUIRE(first.ok());
  const auto second = open("bind: '" + address() + "'");
  REQUIRE_FALSE(second.ok());
  CHECK(second.error() == unavailable(address() + ": in use by another process; stop it first, or "
                                                  "choose another address"));
  const auto open_to_all = open("bind: 'tcp://0.0.0.0:5701'");
  REQUIRE_FALSE(open_to_all.ok());
  CHECK(open_to_all.error().text ==
        "settings:1: bind: tcp://0.0.0.0:5701 is open to other machines; add 'insecure: true' "
        "where that network is trusted, or bind 127.0.0.1\n");
}

}  // namespace
}  // namespace docmill::test
