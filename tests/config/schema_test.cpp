#include "shared/config/schema.h"

#include "shared/config/yaml.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

using namespace literals;

enum class Mode { kFast, kSafe };

constexpr std::array<EnumName<Mode>, 2> enum_names(Mode) {
  return {{{"fast", Mode::kFast}, {"safe", Mode::kSafe}}};
}

struct Retry {
  std::uint32_t times = 3;
  Duration wait = std::chrono::seconds(1);
};

struct Everything {
  std::string name;
  std::filesystem::path path;
  bool pretty = false;
  std::uint16_t port = 1;
  std::int8_t small = 0;
  double rate = 1.5;
  Bytes size = 4_MiB;
  Duration flush_after = std::chrono::milliseconds(200);
  Mode mode = Mode::kFast;
  std::vector<std::uint32_t> numbers;
  std::map<std::string, Bytes> sizes;
  std::optional<std::string> user;
  Retry retry;
  std::vector<Retry> retries;
  std::string bind;
  std::string connect;
};

Schema<Retry> retry_schema() {
  return Schema<Retry>("retry", "How often to try again.")
      .field("times", &Retry::times, "Attempts.", at_most(10))
      .field("wait", &Retry::wait, "Between two.", at_least(std::chrono::milliseconds(1)))
      .shorthand("times");
}

Schema<Everything> schema() {
  return Schema<Everything>("all", "Every kind of field.")
      .field("name", &Everything::name, "A name.", required, example("books"),
             check([](const std::string& name) -> std::optional<std::string> {
               if (name != "bad") return std::nullopt;
               return "must be good, got " + quote(name);
             }))
      .field("path", &Everything::path, "A path.")
      .field("pretty", &Everything::pretty, "A switch.")
      .field("port", &Everything::port, "A number.", at_least(1), at_most(32767))
      .field("small", &Everything::small, "A small number.")
      .field("rate", &Everything::rate, "A number.", at_least(0.5))
      .field("size", &Everything::size, "A size.", at_least(1_MiB))
      .field("flush_after", &Everything::flush_after, "A duration.")
      .field("mode", &Everything::mode, "A choice.")
      .field("numbers", &Everything::numbers, "Numbers.", one_of({1, 2, 4}))
      .field("sizes", &Everything::sizes, "Sizes by name.", at_most(1_GiB))
      .field("user", &Everything::user, "A user.")
      .nested("retry", &Everything::retry, retry_schema())
      .nested("retries", &Everything::retries, retry_schema())
      .field("bind", &Everything::bind, "Where to bind.", example("ipc://a"))
      .field("connect", &Everything::connect, "Where to connect.")
      .exactly_one({"bind", "connect"});
}

// Reads the fields as the section `all` of a file.
Everything parse(const std::string& yaml, Findings& findings) {
  const Place place(findings, "a.yaml");
  const auto root = parse_yaml(yaml, place);
  return root ? schema().parse(*root, place.at("all")) : Everything{};
}

struct Case {
  std::string yaml;
  std::string findings;
};

// In front of every case, so that only what it is about is found.
const std::string kRequired = "name: books\nbind: ipc://a\n";

TEST_CASE("A complete section is read into its struct") {
  Findings findings;
  const Everything all = parse(
      "name: 12\npath: out/a\npretty: true\nport: 80\nsmall: -128\nrate: 2.5e3\nsize: 16MiB\n"
      "flush_after: 2s\nmode: safe\nnumbers: [1, 4]\nsizes: { a: 1KiB, b: 2KiB }\nuser: me\n"
      "retry: { times: 5 }\nretries: [ 1, { wait: 5ms } ]\nconnect: ipc://b\n",
      findings);
  REQUIRE(findings.text() == "");
  CHECK(all.name == "12");
  CHECK(all.path == "out/a");
  CHECK(all.pretty);
  CHECK(all.port == 80);
  CHECK(all.small == -128);
  CHECK(all.rate == 2500);
  CHECK(all.size == 16_MiB);
  CHECK(all.flush_after == std::chrono::seconds(2));
  CHECK(all.mode == Mode::kSafe);
  CHECK(all.numbers == std::vector<std::uint32_t>{1, 4});
  CHECK(all.sizes == std::map<std::string, Bytes>{{"a", 1_KiB}, {"b", 2_KiB}});
  CHECK(all.user == "me");
  CHECK(all.retry.times == 5);
  CHECK(all.retry.wait == std::chrono::seconds(1));
  REQUIRE(all.retries.size() == 2);
  CHECK(all.retries[0].times == 1);
  CHECK(all.retries[1].wait == std::chrono::milliseconds(5));
  CHECK(all.connect == "ipc://b");
}

TEST_CASE("A field that is not given has the default of the struct") {
  Findings findings;
  const Everything all = parse(kRequired, findings);
  REQUIRE(findings.text() == "");
  CHECK(all.size == 4_MiB);
  CHECK(all.mode == Mode::kFast);
  CHECK_FALSE(all.user.has_value());
  CHECK(all.retries.empty());
}

TEST_CASE("A single value is a list of one") {
  Findings findings;
  CHECK(parse(kRequired + "numbers: 4\n", findings).numbers == std::vector<std::uint32_t>{4});
  CHECK(findings.text() == "");
}

TEST_CASE("A wrong value is found with its line, its path and the cure") {
  const std::vector<Case> cases = {
      {.yaml = "pretty: yes", .findings = "pretty: must be true or false, got 'yes'"},
      {.yaml = "port: 0", .findings = "port: must be at least 1, got '0'"},
      {.yaml = "port: 40000", .findings = "port: must be at most 32767, got '40000'"},
      {.yaml = "port: 70000", .findings = "port: must be at most 65535, got '70000'"},
      {.yaml = "port: -1", .findings = "port: must be at least 0, got '-1'"},
      {.yaml = "port: 1.5", .findings = "port: must be a whole number, got '1.5'"},
      {.yaml = "port: 0x10", .findings = "port: must be a whole number, got '0x10'"},
      {.yaml = "port: +1", .findings = "port: must be a whole number, got '+1'"},
      {.yaml = "port: ''", .findings = "port: must be a whole number, got ''"},
      {.yaml = "port:", .findings = "port: must be a whole number, got nothing"},
      {.yaml = "port: [1]", .findings = "port: must be a whole number, got a list"},
      {.yaml = "port: { a: 1 }", .findings = "port: must be a whole number, got a mapping"},
      {.yaml = "port: 99999999999999999999999999",
       .findings = "port: must be at most 65535, got '99999999999999999999999999'"},
      {.yaml = "small: -129", .findings = "small: must be at least -128, got '-129'"},
      {.yaml = "small: -99999999999999999999",
       .findings = "small: must be at least -128, got '-99999999999999999999'"},
      {.yaml = "rate: fast", .findings = "rate: must be a number, got 'fast'"},
      {.yaml = "rate: 1e999", .findings = "rate: must be a number, got '1e999'"},
      {.yaml = "rate: nan", .findings = "rate: must be a number, got 'nan'"},
      {.yaml = "rate: 0.25", .findings = "rate: must be at least 0.5, got '0.25'"},
      {.yaml = "size: 64",
       .findings = "size: must be a size with a unit (B, KB, MB, GB, KiB, MiB, GiB), such as "
                   "64MiB, got '64'"},
      {.yaml = "size: 4KiB", .findings = "size: must be at least 1MiB, got '4KiB'"},
      {.yaml = "flush_after: 2 weeks",
       .findings = "flush_after: must be a duration with a unit (us, ms, s, min, h), such as "
                   "200ms, got '2 weeks'"},
      {.yaml = "mode: sefe",
       .findings = "mode: must be fast or safe, got 'sefe'; did you mean 'safe'?"},
      {.yaml = "mode: [fast]", .findings = "mode: must be fast or safe, got a list"},
      {.yaml = "name2: a", .findings = "name2: unknown field; did you mean 'name'?"},
      {.yaml = "flush_afer: 2s",
       .findings = "flush_afer: unknown field; did you mean 'flush_after'?"},
      {.yaml = "retry: { wiat: 2s }",
       .findings = "retry.wiat: unknown field; did you mean 'wait'?"},
      {.yaml = "retry: { forever: 1 }",
       .findings = "retry.forever: unknown field; known are times, wait"},
      {.yaml = "retry: [1]", .findings = "retry: must be a mapping of fields, got a list"},
      {.yaml = "retry: often", .findings = "retry: must be a whole number, got 'often'"},
      {.yaml = "retry: 11", .findings = "retry: must be at most 10, got '11'"},
      {.yaml = "retries: [1, 11]", .findings = "retries[1]: must be at most 10, got '11'"},
      {.yaml = "retries: [1, { times: x }]",
       .findings = "retries[1].times: must be a whole number, got 'x'"},
      {.yaml = "numbers: [1, 3]", .findings = "numbers[1]: must be 1, 2 or 4, got '3'"},
      {.yaml = "numbers: 3", .findings = "numbers: must be 1, 2 or 4, got '3'"},
      {.yaml = "numbers: { a: 1 }",
       .findings = "numbers: must be a list, got a mapping; begin each entry with '- '"},
      {.yaml = "sizes: 1KiB", .findings = "sizes: must be a mapping of names, got '1KiB'"},
      {.yaml = "sizes: { a: 2GiB }", .findings = "sizes.a: must be at most 1GiB, got '2GiB'"},
      {.yaml = "sizes: { a: 2KiB, a: 2KiB }", .findings = "sizes.a: given twice; keep one of them"},
      {.yaml = "path: ''", .findings = "path: must not be empty"},
      {.yaml = "path: \"a\\0b\"",
       .findings = "path: must be a path without control characters, got 'a\\x00b'"},
      {.yaml = "bind: ipc://b", .findings = "bind: given twice, first in line 2; keep one of them"},
      {.yaml = "connect: ipc://b",
       .findings = "connect: cannot stand beside 'bind'; keep one of them"},
      {.yaml = "\"a\\nb: bug: \": 1",
       .findings = "a\\x0ab: bug: : unknown field; known are name, path, pretty, port, small, "
                   "rate, size, flush_after, mode, numbers, sizes, user, retry, retries, bind, "
                   "connect"},
      {.yaml = "port: " + std::string(100, 'x'),
       .findings = "port: must be a whole number, got '" + std::string(60, 'x') + "...'"},
  };
  for (const Case& test : cases) {
    Findings findings;
    parse(kRequired + test.yaml, findings);
    CHECK(findings.text() == "a.yaml:3: all." + test.findings + "\n");
  }
}

TEST_CASE("What is missing is found at the section's line") {
  Findings findings;
  parse("port: 1\n", findings);
  CHECK(findings.text() ==
        "a.yaml:1: all.name: missing, and required; for example 'name: books'\n"
        "a.yaml:1: all: must have one of bind or connect, got neither\n");
}

TEST_CASE("A check of one's own is reported where its field stands") {
  Findings findings;
  parse("bind: ipc://a\nname: bad\n", findings);
  CHECK(findings.text() == "a.yaml:2: all.name: must be good, got 'bad'\n");
}

TEST_CASE("All findings come at once, by line") {
  Findings findings;
  parse("mode: x\nport: 0\nsizes:\n  a: 1\nnmae: books\nbind: a\n", findings);
  CHECK(findings.text() ==
        "a.yaml:1: all.mode: must be fast or safe, got 'x'\n"
        "a.yaml:1: all.name: missing, and required; for example 'name: books'\n"
        "a.yaml:2: all.port: must be at least 1, got '0'\n"
        "a.yaml:4: all.sizes.a: must be a size with a unit (B, KB, MB, GB, KiB, MiB, GiB), such "
        "as 64MiB, got '1'\n"
        "a.yaml:5: all.nmae: unknown field; did you mean 'name'?\n");
}

TEST_CASE("A section keeps what was right in it beside what was wrong") {
  Findings findings;
  const Everything all = parse(kRequired + "retry: { times: 7, wait: x }\n", findings);
  CHECK(findings.total() == 1);
  CHECK(all.retry.times == 7);
}

TEST_CASE("Findings beyond the first hundred are counted") {
  std::string yaml = kRequired;
  for (int i = 0; i < 150; ++i) yaml += "u" + std::to_string(1000 + i) + ": 1\n";
  Findings findings;
  parse(yaml, findings);
  CHECK(findings.total() == 150);
  CHECK(findings.sorted().size() == 100);
  CHECK(findings.text().ends_with("\nand 50 more\n"));
}

}  // namespace
}  // namespace docmill
