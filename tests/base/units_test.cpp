#include "shared/base/units.h"

#include <limits>
#include <vector>

#include "tests/support/catch.h"

namespace docmill {
namespace {

using namespace std::chrono_literals;
using namespace docmill::literals;

TEST_CASE("a size is a whole number and a unit") {
  struct Case {
    std::string_view text;
    std::uint64_t bytes;
  };
  const std::vector<Case> cases = {
      {.text = "0B", .bytes = 0},
      {.text = "512B", .bytes = 512},
      {.text = "10 MB", .bytes = 10'000'000},
      {.text = "1KB", .bytes = 1'000},
      {.text = "1KiB", .bytes = 1'024},
      {.text = "64MiB", .bytes = 67'108'864},
      {.text = "2GB", .bytes = 2'000'000'000},
      {.text = "3GiB", .bytes = 3'221'225'472},
      {.text = "1TB", .bytes = 1'000'000'000'000},
      {.text = "1TiB", .bytes = 1'099'511'627'776},
      {.text = "9223372036854775807B", .bytes = 9'223'372'036'854'775'807},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    const auto size = parse_bytes(c.text);
    REQUIRE(size);
    CHECK(size->count == c.bytes);
  }
}

TEST_CASE("a size that is not one says what was expected and what was found") {
  const std::vector<std::string_view> texts = {"",     " ",    "B",    "64",    "64mib", "64 M",
                                               "-1B",  "+1B",  "1.5B", "1e3B",  " 1B",   "1B ",
                                               "1  B", "0x1B", "1,0B", "many B"};
  for (const std::string_view text : texts) {
    INFO(text);
    const auto size = parse_bytes(text);
    REQUIRE_FALSE(size);
    CHECK(size.error() == config_error("must be a size with a unit (B, KB, MB, GB, KiB, MiB, "
                                       "GiB), such as 64MiB, got '" +
                                       std::string(text) + "'"));
  }
}

TEST_CASE("a size too large names the largest one of its unit") {
  struct Case {
    std::string_view text;
    std::string_view error;
  };
  const std::vector<Case> cases = {
      {.text = "9223372036854775808B",
       .error = "must be at most 9223372036854775807B, got '9223372036854775808B'"},
      {.text = "8388608TiB", .error = "must be at most 8388607TiB, got '8388608TiB'"},
      {.text = "99999999999999999999GB",
       .error = "must be at most 9223372036GB, got '99999999999999999999GB'"},
  };
  for (const Case& c : cases) {
    const auto size = parse_bytes(c.text);
    REQUIRE_FALSE(size);
    CHECK(size.error().text == c.error);
  }
}

TEST_CASE("a size is written in the largest unit that divides it, and reads back the same") {
  struct Case {
    std::uint64_t bytes;
    std::string_view text;
  };
  const std::vector<Case> cases = {
      {.bytes = 0, .text = "0B"},
      {.bytes = 1, .text = "1B"},
      {.bytes = 1'500, .text = "1500B"},
      {.bytes = 1'000, .text = "1KB"},
      {.bytes = 1'024'000, .text = "1000KiB"},
      {.bytes = 67'108'864, .text = "64MiB"},
      {.bytes = 1'000'000'000'000, .text = "1TB"},
  };
  for (const Case& c : cases) {
    CHECK(to_string(Bytes{c.bytes}) == c.text);
    CHECK(parse_bytes(c.text).value() == Bytes{c.bytes});
  }
}

TEST_CASE("the literals count in powers of 1024") {
  CHECK(7_B == Bytes{7});
  CHECK(2_KiB == Bytes{2'048});
  CHECK(3_MiB == Bytes{3'145'728});
  CHECK(1_GiB == Bytes{1'073'741'824});
}

TEST_CASE("a duration is a whole number and a unit, and is written in the largest one") {
  struct Case {
    std::string_view text;
    Duration duration;
    std::string_view written;
  };
  const std::vector<Case> cases = {
      {.text = "200ms", .duration = 200ms, .written = "200ms"},
      {.text = "2 s", .duration = 2s, .written = "2s"},
      {.text = "5min", .duration = 5min, .written = "5min"},
      {.text = "60min", .duration = 1h, .written = "1h"},
      {.text = "90s", .duration = 90s, .written = "90s"},
      {.text = "7us", .duration = 7us, .written = "7us"},
      {.text = "1500ns", .duration = 1500ns, .written = "1500ns"},
      {.text = "0s", .duration = 0s, .written = "0ns"},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    CHECK(parse_duration(c.text).value() == c.duration);
    CHECK(to_string(c.duration) == c.written);
    CHECK(parse_duration(c.written).value() == c.duration);
  }
}

TEST_CASE("a duration before zero is written with its sign") {
  CHECK(to_string(Duration(-2s)) == "-2s");
  CHECK(to_string(Duration::min()) == "-9223372036854775808ns");
}

TEST_CASE("a duration that is not one says what was expected and what was found") {
  const std::vector<std::string_view> texts = {"", "5", "5 minutes", "-1s", "1.5s", "1M", "1sec"};
  for (const std::string_view text : texts) {
    INFO(text);
    const auto duration = parse_duration(text);
    REQUIRE_FALSE(duration);
    CHECK(duration.error() ==
          config_error("must be a duration with a unit (us, ms, s, min, h), such as 200ms, got '" +
                       std::string(text) + "'"));
  }
  CHECK(parse_duration("876001h").error().text == "must be at most 876000h, got '876001h'");
}

TEST_CASE("the longest duration can be added to the present time and doubled") {
  const Duration longest = parse_duration("876000h").value();
  CHECK(longest > Duration::zero());
  CHECK(longest < Duration::max() / 2);
}

TEST_CASE("sizes for people have two or three digits, also where rounding carries") {
  struct Case {
    double bytes;
    std::string_view text;
  };
  const std::vector<Case> cases = {
      {.bytes = 0, .text = "0 B"},          {.bytes = 999, .text = "999 B"},
      {.bytes = 1'000, .text = "1.0 kB"},   {.bytes = 1'449, .text = "1.4 kB"},
      {.bytes = 99'940, .text = "99.9 kB"}, {.bytes = 99'960, .text = "100 kB"},
      {.bytes = 999'499, .text = "999 kB"}, {.bytes = 999'950, .text = "1.0 MB"},
      {.bytes = 12.3e9, .text = "12.3 GB"}, {.bytes = 2.5e15, .text = "2.5 PB"},
      {.bytes = 4e18, .text = "4000 PB"},
  };
  for (const Case& c : cases) CHECK(human_bytes(c.bytes) == c.text);
}

TEST_CASE("counts for people have a comma before every third digit") {
  CHECK(human_count(0) == "0");
  CHECK(human_count(999) == "999");
  CHECK(human_count(1'000) == "1,000");
  CHECK(human_count(1'234'567) == "1,234,567");
  CHECK(human_count(std::numeric_limits<std::uint64_t>::max()) == "18,446,744,073,709,551,615");
}

}  // namespace
}  // namespace docmill
