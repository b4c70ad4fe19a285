#include "shared/document/json_splitter.h"

#include <random>

#include "tests/document/cut.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

Cut split(std::string_view json, std::string_view path, std::size_t chunk = 1 << 20,
          const JsonSplitOptions& options = {}) {
  return cut_by(JsonSplitter(JsonPath::parse(path).value(), options), json, chunk);
}

struct Row {
  std::string json;
  std::string path = "";
  std::vector<std::string> records = {};
  std::string error = {};
};

const std::vector<Row> kRows = {
    {.json = R"([1, "a,]" ,{"b":[2]},null,[]])",
     .records = {"1", "\"a,]\"", R"({"b":[2]})", "null", "[]"}},
    {.json = "\xEF\xBB\xBF [true] ", .records = {"true"}},
    {.json = R"({"a":1,"b":[2,3]})", .records = {"1", "[2,3]"}},
    {.json = R"({"x":[0],"items":[{"n":"\"}"},2],"items":[3]})",
     .path = "/items",
     .records = {R"({"n":"\"}"})", "2", "3"}},
    {.json = R"({"pages":[{"items":[1,2]},{"no":[9]},{"items":[3]}]})",
     .path = "/pages/*/items",
     .records = {"1", "2", "3"}},
    {.json = R"([[[1]],[[2],[3]]])", .path = "/-/1", .records = {"3"}},
    {.json = R"({"a/b":{"~":[1]},"a":{"b":[2]}})", .path = "/a~1b/~0", .records = {"1"}},
    {.json = R"({"\u0069tems":[1],"":[2]})", .path = "/items", .records = {"1"}},
    {.json = R"({"items":[1],"":[2]})", .path = "/", .records = {"2"}},
    {.json = R"({"items":7} {"items":null} {"items":[]})", .path = "/items", .records = {}},
    {.json = "[1][2]\n{\"k\":3}", .records = {"1", "2", "3"}},
    {.json = "12 \"x\" null", .records = {}},
    // A record is judged when it is read: here only its end counts.
    {.json = R"([01,{"a" 1},tru,"\q",{"b":2}])",
     .records = {"01", R"({"a" 1})", "tru", R"("\q")", R"({"b":2})"}},
    {.json = "",
     .error = "line 1, column 1 (byte 0): expected a value, found the end of the document"},
    {.json = "\xEF\xBBx", .error = "line 1, column 1 (byte 0): expected a value, found byte 0xef"},
    {.json = "<a/>", .error = "line 1, column 1 (byte 0): expected a value, found '<'"},
    {.json = "[1,\n 2,]",
     .records = {"1", "2"},
     .error = "line 2, column 4 (byte 7): expected a value, found ']'"},
    {.json = "[1 2]",
     .records = {"1"},
     .error = "line 1, column 4 (byte 3): expected ',' or ']', found '2'"},
    {.json = "[1\xC3\xA4}",
     .records = {"1\xC3\xA4"},
     .error = "line 1, column 4 (byte 4): expected ',' or ']', found '}'"},
    {.json = "[1,[2}",
     .records = {"1"},
     .error = "line 1, column 6 (byte 5): expected ']', found '}'"},
    {.json = "[1,{\"a\":2",
     .records = {"1"},
     .error = "line 1, column 10 (byte 9): expected '}', found the end of the document"},
    {.json = "[1,2",
     .records = {"1"},
     .error = "line 1, column 5 (byte 4): expected ',' or ']', found the end of the document"},
    {.json = "[1,\"2",
     .records = {"1"},
     .error = "line 1, column 6 (byte 5): expected '\"' at the end of a string, found the end of "
              "the document"},
    {.json = "[",
     .error = "line 1, column 2 (byte 1): expected a value or ']', found the end of the document"},
    {.json = "{\"a\":[1],}",
     .path = "/a",
     .records = {"1"},
     .error = "line 1, column 10 (byte 9): expected a key in double quotes, found '}'"},
    {.json = "{1}",
     .error = "line 1, column 2 (byte 1): expected a key in double quotes or '}', found '1'"},
    {.json = "{\"a\" 1}",
     .error = "line 1, column 6 (byte 5): expected ':' after a key, found '1'"},
    {.json = "{\"a\":tru}",
     .path = "/b",
     .error = "line 1, column 6 (byte 5): expected a value, found 'tru'"},
    {.json = "{\"a\":-01}",
     .path = "/b",
     .error = "line 1, column 6 (byte 5): expected a value, found '-01'"},
    {.json = "{\"\xC3\xA4\\q\":1}",
     .path = "/b",
     .error = "line 1, column 4 (byte 4): expected '\"', '\\', '/', 'b', 'f', 'n', 'r', 't' or 'u' "
              "after '\\', found 'q'"},
    {.json = "{\"a\nb\":1}",
     .error = "line 1, column 4 (byte 3): character 0x0a is not allowed inside a string; write "
              "'\\u000a'"},
    {.json = "{\"a", .error = "line 1, column 2 (byte 1): the string does not end; expected '\"'"},
    {.json = "[1]]",
     .records = {"1"},
     .error = "line 1, column 4 (byte 3): expected a value, found ']'"},
};

TEST_CASE("items are cut out of JSON, and mistakes are told with their place") {
  for (const Row& row : kRows) {
    INFO(row.json << " at '" << row.path << "'");
    for (const std::size_t chunk : {std::size_t{1} << 20, std::size_t{1}, std::size_t{3}}) {
      const Cut items = split(row.json, row.path, chunk);
      CHECK(items.records == row.records);
      CHECK(items.error == row.error);
    }
  }
}

TEST_CASE("a path that is no JSON Pointer is refused") {
  const auto refused = [](std::string_view text) { return JsonPath::parse(text).error(); };
  CHECK(refused("items") == config_error("expected a JSON Pointer like /pages/*/items, found "
                                         "'items': it has to begin with '/'"));
  CHECK(refused("/a~2") == config_error("expected a JSON Pointer like /pages/*/items, found "
                                        "'/a~2': after '~' comes '0' (for '~') or '1' (for '/')"));
}

TEST_CASE("an item knows its number, place, line and size") {
  const Cut items = split("{\"i\":[\n  {\"a\":\n1},\n  22]}\n{\"i\":[3]}", "/i");
  REQUIRE(items.facts.size() == 3);
  const auto facts = [&](std::size_t i) {
    const SplitRecord& r = items.facts[i];
    return std::vector<std::uint64_t>{r.number, r.offset, r.line, r.size};
  };
  CHECK(facts(0) == std::vector<std::uint64_t>{1, 9, 2, 8});
  CHECK(facts(1) == std::vector<std::uint64_t>{2, 21, 4, 2});
  CHECK(facts(2) == std::vector<std::uint64_t>{3, 32, 5, 1});
  CHECK(items.rest == 33);
}

TEST_CASE("an item above the limit keeps its beginning, and the rest goes on") {
  JsonSplitOptions options;
  options.limits.document = Bytes{8};
  options.sample = Bytes{4};
  for (const std::size_t chunk : {1U, 2U, 5U, 100U}) {
    const Cut items = split(R"([12345678,"much too long",{"a":[ 1 ]},1])", "", chunk, options);
    CHECK(items.records == std::vector<std::string>{"12345678", "\"muc", "{\"a\"", "1"});
    CHECK(items.facts[1].oversize);
    CHECK(items.facts[1].size == 15);
    CHECK(items.error.empty());
  }
}

TEST_CASE("depth is limited inside of records and outside") {
  JsonSplitOptions options;
  options.limits.depth = 3;
  const std::string text = ": more than 3 objects and arrays inside each other; raise limits.depth";
  CHECK(split("[[[1]]]", "", 1, options).records == std::vector<std::string>{"[[1]]"});
  CHECK(split("[[[[1]]]]", "", 1, options).error == "line 1, column 4 (byte 3)" + text);
  CHECK(split("[[[[1]]]]", "/a", 1, options).error == "line 1, column 4 (byte 3)" + text);
  CHECK(split(std::string(2'000'000, '['), "").error.starts_with("line 1, column 513 (byte 512)"));
}

TEST_CASE("a token outside of records is limited") {
  JsonSplitOptions options;
  options.limits.token = Bytes{4};
  CHECK(split(R"({"12345":1})", "/a", 1, options).error ==
        "line 1, column 2 (byte 1): a string or number larger than limits.token of 4B");
  CHECK(split("{\"" + std::string(100, 'x'), "/a", 10, options).error ==
        "line 1, column 2 (byte 1): a string or number larger than limits.token of 4B");
}

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }
  std::string value(int depth) {
    static const std::vector<std::string> kScalars = {"0",
                                                      "-1.5e+3",
                                                      "true",
                                                      "null",
                                                      "\"\"",
                                                      R"("a\"]},")",
                                                      R"("\u00e4\ud83d\ude00\\")",
                                                      "\"\xC3\xA4\xF0\x9F\x98\x80\""};
    const std::size_t kind = below(depth > 3 ? 1 : 3);
    if (kind == 0) return kScalars[below(kScalars.size())];
    std::string text = kind == 1 ? "[" : "{";
    const std::size_t count = below(4);
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) text += space() + ',';
      text += space();
      if (kind == 2) text += std::string(1, '"') + "ab\\\""[below(2)] + std::to_string(i) + "\" :";
      text += value(depth + 1);
    }
    return text + space() + (kind == 1 ? ']' : '}');
  }
  std::string mutated(std::string text) {
    static constexpr std::string_view kBytes = "[]{},:\"\\ \n0a-.\xC3\x01";
    const std::size_t at = below(text.size());
    switch (below(3)) {
      case 0:
        text[at] = kBytes[below(kBytes.size())];
        break;
      case 1:
        text.erase(at, 1 + below(3));
        break;
      default:
        text.insert(at, 1, kBytes[below(kBytes.size())]);
    }
    return text;
  }

 private:
  std::string space() { return std::vector<std::string>{"", "", " ", "\r\n"}[below(4)]; }
  std::mt19937 random_;
};

// The items of the top-level value, as the scanner sees them.
std::vector<std::string> items_of(const JsonTape& tape) {
  std::vector<std::string> items;
  const bool object = tape.nodes[0].kind == JsonNode::Kind::kObject;
  if (!object && tape.nodes[0].kind != JsonNode::Kind::kArray) return items;
  for (std::uint32_t i = 1; i < tape.nodes[0].end; i = tape.nodes[i].end) {
    if (object) ++i;
    const std::string text(tape.text(tape.nodes[i]));
    items.push_back(tape.nodes[i].kind == JsonNode::Kind::kString ? '"' + text + '"' : text);
  }
  return items;
}

TEST_CASE("any chunks give the same, and what is accepted is what the scanner accepts") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  Maker maker(seed);
  JsonScanner scanner({.duplicates = DuplicateKeys::kLast});
  JsonTape tape;
  int accepted = 0;
  int refused = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string text = maker.value(0);
    if (maker.below(2) == 0) text = maker.mutated(text);
    if (text.empty()) continue;
    INFO(text);
    const Cut whole = split(text, "");
    const std::size_t chunk = 1 + maker.below(7);
    const Cut pieces = split(text, "", chunk);
    CHECK(pieces.records == whole.records);
    CHECK(pieces.error == whole.error);
    CHECK(pieces.rest == whole.rest);

    JsonScanner strict({.duplicates = DuplicateKeys::kFirst});
    const bool all = whole.error.empty() && std::all_of(whole.records.begin(), whole.records.end(),
                                                        [&](const std::string& record) {
                                                          return strict.scan(record, tape).ok();
                                                        });
    const Result<void> scanned = scanner.scan(text, tape);
    (scanned ? accepted : refused) += 1;
    if (scanned) {
      CHECK(all);
      if (tape.nodes[0].kind == JsonNode::Kind::kArray) CHECK(whole.records == items_of(tape));
    } else if (scanned.error().text.find("expected the end of the document") == std::string::npos) {
      // Of several documents in a row the scanner takes only the first.
      CHECK_FALSE(all);
    }
  }
  CHECK(accepted > 1000);
  CHECK(refused > 500);
}

}  // namespace
}  // namespace docmill
