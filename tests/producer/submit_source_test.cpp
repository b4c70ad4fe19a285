// What `submit` does with requests is in tests/process/submit_test.py, where real clients send
// them.
#include "shared/transport/router_socket.h"
#include "tests/producer/source_fixture.h"

namespace docmill::test {
namespace {

struct SubmitFixture : SourceFixture {
  Result<std::unique_ptr<Source>> open_submit(const std::string& settings) {
    Findings findings;
    const Place place(findings, "settings");
    const SourceComponent component = submit_source();
    const std::any parsed = component.schema.parse(*parse_yaml(settings, place), place);
    if (!findings.empty()) return config_error(findings.text());
    SourceContext here = context();
    here.sockets = &*sockets;
    return component.open(parsed, here);
  }
  Result<Context> sockets = Context::open();
};

TEST_CASE_METHOD(SubmitFixture, "an address to submit to is an address, free and of this machine") {
  const std::string socket = "ipc://" + path("submit");
  auto first = open_submit("bind: '" + socket + "'");
  INFO((first ? "" : first.error().text));
  REQUIRE(first.ok());
  CHECK((*first)->fd() >= 0);
  REQUIRE((*first)->serve().ok());
  CHECK(outline(read_all(**first)) == "^ ~");
  const auto second = open_submit("bind: '" + socket + "'");
  REQUIRE_FALSE(second.ok());
  CHECK(second.error() == unavailable(socket + ": in use by another process; stop it first, or "
                                               "choose another address"));
  const auto elsewhere = open_submit("bind: 'tcp://192.0.2.1:5700'");
  REQUIRE_FALSE(elsewhere.ok());
  CHECK(elsewhere.error() ==
        config_error("tcp://192.0.2.1:5700: expected an address of this machine, found "
                     "'192.0.2.1'; use 127.0.0.1 for programs on this machine, 0.0.0.0 for all"));
  const auto wrong = open_submit("{bind: '127.0.0.1:5700'}");
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.error().text ==
        "settings:1: bind: must begin with tcp:// or ipc://, got '127.0.0.1:5700'\n");
}

}  // namespace
}  // namespace docmill::test
