#include "sink/outputs/json.h"
#include "tests/sink/output_fixture.h"

namespace docmill::test {
namespace {

TEST_CASE_METHOD(OutputFixture, "with metadata each element of the array says where it came from") {
  auto output = open(json_output(), "{path: '@/out/b.json', metadata: true}");
  output->add({}, {Format::kJson, "{}", {"in/a.xml", 3, 17, 2}, "\"key\":\"b7\""});
  output->add({}, {Format::kText, "a\n", {"in/b.txt", 1, 0, 1}});
  commit(*output);
  stop(output);
  CHECK(read("out/b.json") ==
        "[\n"
        "{\"metadata\":{\"source\":\"in/a.xml\",\"record\":3,\"offset\":17,\"line\":2,"
        "\"key\":\"b7\"},\"document\":{}},\n"
        "{\"metadata\":{\"source\":\"in/b.txt\",\"record\":1,\"offset\":0,\"line\":1},"
        "\"document\":\"a\\n\"}\n]\n");
}

}  // namespace
}  // namespace docmill::test
