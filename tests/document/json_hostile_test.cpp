// JSON that is made to break readers: depth, keys, numbers, and what only looks like text.
#include <algorithm>
#include <ctime>
#include <limits>
#include <string>

#include "shared/document/json_scanner.h"
#include "shared/document/json_writer.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

using namespace std::string_literals;

std::string scanned(std::string_view json, const JsonReadOptions& options = {}) {
  JsonScanner scanner(options);
  JsonTape tape;
  const Result<void> result = scanner.scan(json, tape);
  if (!result) return result.error().text;
  std::string out;
  append_json(tape, 0, out);
  return out;
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

std::string object_of(std::size_t keys, std::string_view before = "") {
  std::string json = "{";
  for (std::size_t i = 0; i < keys; ++i) {
    json += (i == 0 ? "\"" : ",\"") + std::string(before) + std::to_string(i) + "\":0";
  }
  return json + "}";
}

// Of the processor's time, the least of several: what else runs on the machine only adds.
double least_seconds(const std::string& json) {
  JsonScanner scanner;
  JsonTape tape;
  std::clock_t least = std::numeric_limits<std::clock_t>::max();
  for (int i = 0; i < 9; ++i) {
    const std::clock_t begin = std::clock();
    REQUIRE(scanner.scan(json, tape).ok());
    least = std::min(least, std::clock() - begin);
  }
  return static_cast<double>(least) / CLOCKS_PER_SEC;
}

TEST_CASE("a depth of 1,000,000 is refused at the limit") {
  const std::string error =
      ": more than 512 objects and arrays inside each other; raise limits.depth";
  CHECK(scanned(repeated("[", 1'000'000)) == "line 1, column 513" + error);
  CHECK(scanned(repeated("{\"a\":", 1'000'000)) == "line 1, column 2561" + error);
  const std::string deepest = repeated("[", 512) + repeated("]", 512);
  CHECK(scanned(deepest) == deepest);
}

TEST_CASE("a depth of 10,000, the most that can be asked for, is read and written") {
  const std::string json = repeated("[ ", 10'000) + repeated("] ", 10'000);
  CHECK(scanned(json, {.limits = {.depth = 10'000}}) ==
        repeated("[", 10'000) + repeated("]", 10'000));
}

TEST_CASE("40,000 keys take linear time") {
  for (const char* before : {"key", "\\u006b"}) {
    const double quarter = least_seconds(object_of(10'000, before));
    const double whole = least_seconds(object_of(40'000, before));
    INFO(quarter << " s, " << whole << " s");
    CHECK(whole < 8 * quarter);  // 16 times if it were quadratic
  }
}

TEST_CASE("one repeat among 40,000 keys is found") {
  std::string json = object_of(40'000);
  json.insert(json.size() - 1, ",\"\\u0031\\u0030000\":0");
  const std::string place = std::to_string(object_of(40'000).size() + 1);
  CHECK(scanned(json) == "line 1, column " + place +
                             ": key \"10000\" is given twice; keep one (to_xml can choose, with "
                             "'duplicates')");
}

TEST_CASE("numbers beyond every type keep their lexemes") {
  const std::string json = "[1e400,-1e400,1.10,18446744073709551616,-0,-0.0,1E-999999999," +
                           std::string(10'000, '9') + "]";
  CHECK(scanned(json) == json);
}

TEST_CASE("limits have the exact error") {
  const JsonReadOptions small{.limits = {.document{20}, .token{4}}};
  CHECK(scanned("[\"abcd\",1234]", small) == "[\"abcd\",1234]");
  CHECK(scanned("[\"abcde\"]", small) ==
        "line 1, column 2: a string or number of 7 bytes, more than limits.token of 4B");
  CHECK(scanned("[12345]", small) ==
        "line 1, column 2: a string or number of 5 bytes, more than limits.token of 4B");
  CHECK(scanned("[1,2,3,4,5,6,7,8,9,0]", small) ==
        "the document has 21 bytes, more than limits.document of 20B");
}

TEST_CASE("a NUL is refused wherever it stands") {
  const std::string json = R"({"a":[1,"x"]})";
  for (std::size_t at = 0; at <= json.size(); ++at) {
    std::string damaged = json;
    damaged.insert(at, 1, '\0');
    INFO(at);
    CHECK(scanned(damaged).starts_with("line 1, column "));
  }
}

}  // namespace
}  // namespace docmill::test
