#include "sink/json_line.h"
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

TEST_CASE("a byte order mark is in no line of JSON") {
  struct Case {
    Format format;
    std::string bytes;
    const char* line;
  };
  const std::string mark = "\xEF\xBB\xBF";
  const std::vector<Case> cases = {{Format::kJson, mark + "{\"a\":1}", "{\"a\":1}"},
                                   {Format::kJson, mark + "\r\n[ 1 ]", "[1]"},
                                   {Format::kJson, mark + "1 2", "1 2"},
                                   {Format::kText, mark + "a",
                                    "\"\xEF\xBB\xBF"
                                    "a\""}};
  JsonLine line(false);
  JsonLine with_metadata(true);
  for (const Case& test : cases) {
    INFO(test.bytes);
    CHECK(line.write({test.format, test.bytes, {}}) == test.line);
    CHECK(std::string(with_metadata.write({test.format, test.bytes, {}}))
              .ends_with(std::string(",\"document\":") + test.line + "}"));
  }
}

TEST_CASE_METHOD(OutputFixture, "an array of documents with byte order marks is an array") {
  auto output = open(json_output(), "{path: '@/out/b.json'}");
  for (int i = 0; i < 2; ++i) add(*output, "\xEF\xBB\xBF{}");
  commit(*output);
  stop(output);
  CHECK(read("out/b.json") == "[\n{},\n{}\n]\n");
}

}  // namespace
}  // namespace docmill::test
