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

TEST_CASE("UTF-8 is what RFC 3629 says") {
  for (const char* good : {"", "a", "\x7f", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf",
                           "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    INFO(good);
    CHECK(is_utf8(good));
  }
  for (const char* bad :
       {"\x80", "\xc1\xbf", "\xc2", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "a\xe2\x82"}) {
    INFO(bad);
    CHECK_FALSE(is_utf8(bad));
  }
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

TEST_CASE("a document of one line has neither kind of break") {
  CHECK(is_one_line("{\"a\":1}"));
  CHECK_FALSE(is_one_line("{\n}"));
  CHECK_FALSE(is_one_line("{\r}"));
}

}  // namespace
}  // namespace docmill::test
