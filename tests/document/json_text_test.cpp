#include "shared/document/json_text.h"

#include "tests/support/catch.h"

namespace docmill::test {
namespace {

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out;
  append_base64(out, bytes);
  return out;
}

TEST_CASE("a JSON string escapes what it must and replaces what is not UTF-8") {
  CHECK(json_string("a\"\\\n\r\t\x01\x7fé") == "\"a\\\"\\\\\\n\\r\\t\\u0001\x7fé\"");
  CHECK(json_string("x\xff\xe2\x82y") == "\"x\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdy\"");
}

TEST_CASE("base64 is padded") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foobar") == "Zm9vYmFy");
}

}  // namespace
}  // namespace docmill::test
