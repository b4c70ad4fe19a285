#include "shared/document/utf8.h"

#include "tests/support/catch.h"

namespace docmill::test {
namespace {

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

}  // namespace
}  // namespace docmill::test
