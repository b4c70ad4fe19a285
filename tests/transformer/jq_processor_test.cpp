#include <cstdlib>
#include <fstream>

#include "tests/store/temp_folder.h"
#include "tests/transformer/chain_fixture.h"

namespace docmill::test {
namespace {

// The notes of the documents that the processors make of JSON.
std::vector<std::string> notes_of(Chain& chain, std::string_view json,
                                  std::string_view before = "") {
  PayloadWriter payload;
  chain.process(0, {Format::kJson, json, {.source = "a.json"}, before}, payload);
  const std::string packed = payload.take();
  std::vector<std::string> notes;
  PayloadReader reader(packed);
  Entry entry;
  for (auto more = reader.next(entry); more && *more; more = reader.next(entry)) {
    notes.emplace_back(entry.document.notes);
  }
  return notes;
}

// What is found in a program at start.
std::string refusal(const std::string& program) {
  std::string text = findings_of("- jq: |-\n    " + program);
  const std::string begin = "test.yaml:1: jq: ";
  return text.starts_with(begin) ? text.substr(begin.size(), text.size() - begin.size() - 1) : text;
}

// What a processor with these settings makes of [1, "x"].
std::string limited(const std::string& settings, const ProcessorContext& context = {}) {
  auto chain = make_chain("- jq: { " + settings + " }", context);
  REQUIRE(chain.ok());
  const Made made = make(*chain, "[1, \"x\"]", Format::kJson).at(0);
  return made.kind == EntryKind::kDead ? made.reason : made.bytes;
}

TEST_CASE("jq makes a document of each result, none filters") {
  check_outcomes({
      {"- jq: .", R"({"b": [1, 1.10, -0, true, false, null], "a": {"k": "\u00e9\n\u0000"}})",
       R"({"b":[1,1.1,-0,true,false,null],"a":{"k":"é\n\u0000"}})"},
      {"- jq: '.books[] | { title, n: (.price * 2) }'",
       R"({"books": [{"title": "A", "price": 1.5}, {"title": "B", "price": 2}]})",
       R"({"title":"A","n":3}|{"title":"B","n":4})"},
      {"- jq: '.[] | select(. > 5)'", "[1, 2]", "filtered"},
      {"- jq: { program: 'map(test(\"^a+$\"))' }", R"(["aa", "b"])", "[true,false]"},
      {"- jq: '.[\"😀\"]'", R"({"\ud83d\ude00": "\ud83d\ude00"})", "\"😀\""},
      {"- jq: '[nan, infinite, 1e17, 0.1]'", "{}", "[null,1.7976931348623157e+308,1e+17,0.1]"},
      {"- jq: |\n    # of lines\n    def twice: . * 2;\n    .[] # each\n    | twice # last",
       "[1, 4]", "2|8"},
      {"- jq: { program: '[env, $ENV, (def f: env.HOME; f)]' }", "{}", "[{},{},null]"},
      {"- jq: '.[] | $__loc__.line'", "[0]", "1"},
      {"- to_json\n- jq: .b.c", "<b><c>1</c></b>", "\"1\""},
  });
}

TEST_CASE("what jq cannot do with a document is a dead letter with its message") {
  check_outcomes({
      {"- jq: .a.b", R"({"a": 1})", "transformer.jq: Cannot index number with string \"b\""},
      {"- jq: '1, error(\"no \" + .a), 2'", R"({"a": "é"})", "transformer.jq: no é"},
      {"- jq: error", R"({"a": [1]})", "transformer.jq: {\"a\":[1]}"},
      {"- jq: .a", "<a/>",
       "transformer.jq: the document is not JSON, and jq reads nothing else; put to_json before"},
      {"- jq: .", "[1,]", "transformer.jq: line 1, column 4: expected a value, found ']'"},
  });
  const std::string long_message =
      outcome("- jq: error(.[0])", "[\"" + std::string(600, 'x') + "\"]");
  CHECK(long_message == "transformer.jq: " + std::string(500, 'x') + "...");
  const std::string cut = outcome("- jq: error(.[0])", "[\"x" + std::string(600, '\xc3') + "\"]");
  CHECK(cut.find("column 4: ") != cut.npos);  // no UTF-8: the scanner's word, not jq's
}

TEST_CASE("a message that is cut off ends with a whole character") {
  std::string letters = "x";
  for (int i = 0; i < 300; ++i) letters += "é";
  const std::string message = outcome("- jq: error(.[0])", "[\"" + letters + "\"]");
  CHECK(message == "transformer.jq: " + letters.substr(0, 499) + "...");
}

TEST_CASE("after a document that fails the next one is as it would be alone") {
  auto chain = make_chain("- jq: { program: '.[] | tonumber', time_limit: 200ms }");
  REQUIRE(chain.ok());
  for (int i = 0; i < 3; ++i) {
    CHECK(make(*chain, R"(["1", "x"])", Format::kJson).at(0).reason ==
          "transformer.jq: Invalid numeric literal at EOF at line 1, column 1 (while parsing 'x')");
    CHECK(make(*chain, R"(["1", "2"])", Format::kJson).size() == 2);
  }
}

TEST_CASE("a program that is none is a finding with its place") {
  const std::string expected = "expected a program of jq: ";
  CHECK(refusal(".a |") == expected + "line 1, column 4: syntax error, unexpected $end");
  CHECK(refusal(".a | foo") == expected + "line 1, column 6: foo/0 is not defined");
  CHECK(refusal(".é | foo(1)") == expected +
                                      "line 1, column 2: syntax error, unexpected "
                                      "INVALID_CHARACTER");
  CHECK(refusal(".[\"é\"] | foo(1)") == expected + "line 1, column 10: foo/1 is not defined");
  CHECK(refusal("def f: 1;\n    .x\n      | $y") ==
        expected + "line 3, column 5: $y is not defined");
  CHECK(findings_of("- jq") ==
        "test.yaml:1: jq.program: missing, and required; for example 'program: \".books[] | { "
        "title, price }\"'\n");
  CHECK(findings_of("- jq: { program: ., on_loss: ordered }") ==
        "test.yaml:1: jq.on_loss: must be pass, warn or error, got 'ordered'\n");
}

TEST_CASE("a program sees its document and nothing else") {
  for (const std::string name :
       {"input", "inputs", "input_filename", "input_line_number", "debug", "stderr", "halt",
        "halt_error", "modulemeta", "get_search_list", "now", "localtime"}) {
    CHECK(refusal("def f: " + name + "; [.[] | f]") ==
          "expected a program of jq: '" + name +
              "' cannot be used: a program sees its document and nothing else");
  }
  CHECK(refusal("halt_error(1)") ==
        "expected a program of jq: 'halt_error' cannot be used: a program sees its document and "
        "nothing else");
  CHECK(refusal("strflocaltime(\"%Z\")").find("'strflocaltime' cannot be used") !=
        std::string::npos);
  for (const std::string program :
       {"import \"a\" as a; .", "include \"a\"; .", "import \"a\" as $a; $a",
        "import \"/etc/passwd\" as $a {search: \"/etc\"}; ."}) {
    CHECK(refusal(program) ==
          "expected a program of jq: 'import' and 'include' cannot be used: a program is one text");
  }
  CHECK(refusal("$__prog_args").find("$__prog_args is not defined") != std::string::npos);
  // What a program may define for itself, it may use.
  CHECK(outcome("- jq: 'def now: 7; now'", "{}") == "7");
}

TEST_CASE("a file of jq's in the home folder is refused, not obeyed") {
  const TempFolder folder;
  const std::string before = std::getenv("HOME") == nullptr ? "" : std::getenv("HOME");
  setenv("HOME", folder.path().c_str(), 1);
  CHECK(outcome("- jq: .", "{}") == "{}");
  std::ofstream(folder / ".jq") << "def map(f): 666;";
  CHECK(refusal("map(.)") == "libjq would read " + (folder / ".jq") +
                                 " with every program, and a program has to mean the same on "
                                 "every host; move that file, or start with another HOME");
  setenv("HOME", before.c_str(), 1);
}

TEST_CASE("a program that does not end, or makes too much, is ended") {
  const std::string late = "transformer.jq: the program took more than 50ms of processor time";
  CHECK(limited("program: 'def f: f; f', time_limit: 50ms") == late);
  CHECK(limited("program: 'last(range(infinite))', time_limit: 50ms") == late);
  CHECK(limited("program: '[recurse(.)]', time_limit: 50ms") == late);
  CHECK(limited("program: '.[0] | until(false; .)', time_limit: 50ms") == late);
  CHECK(limited("program: 'repeat(.)', result_limit: 1000") ==
        "transformer.jq: the program makes more than 1000 results");
  // 2^40 ones out of forty small arrays.
  ProcessorContext small;
  small.xml.limits.document = {1'000'000};
  CHECK(limited("program: 'reduce range(40) as $i (1; [., .])'", small) ==
        "transformer.jq: a result of the program takes more than 1MB");
  CHECK(limited("program: 'reduce range(513) as $i (1; [.])'") ==
        "transformer.jq: a result of the program nests deeper than 512");
  CHECK(limited("program: 'reduce range(3) as $i (1; [.])'") == "[[[1]]]");
  small.largest_payload = {1000};
  CHECK(limited("program: 'repeat(.)'", small) ==
        "transformer: its outputs and those before it in the batch take more than 1KB");
  CHECK(findings_of("- jq: { program: ., time_limit: 0s, result_limit: 0 }") ==
        "test.yaml:1: jq.time_limit: must be at least 1ms, got '0s'\n"
        "test.yaml:1: jq.result_limit: must be at least 1, got '0'\n");
}

TEST_CASE("documents as deep and as hostile as the scanner lets them be pass through jq") {
  const std::string deep = std::string(512, '[') + std::string(512, ']');
  CHECK(outcome("- jq: .", deep) == deep);
  CHECK(outcome("- jq: .", "[" + deep + "]") ==
        "transformer.jq: line 1, column 513: more than 512 objects and arrays inside each other; "
        "raise limits.depth");
  std::string keys = "{";
  for (int i = 0; i < 40'000; ++i) keys += (i > 0 ? ",\"k" : "\"k") + std::to_string(i) + "\":1";
  keys += "}";
  CHECK(outcome("- jq: length", keys) == "40000");
  CHECK(outcome("- jq: .", keys) == keys);
  CHECK(outcome("- jq: 'test(\"^(a+)+$\")|tostring'", "{}") ==
        "transformer.jq: object ({}) cannot be matched, as it is not a string");
}

TEST_CASE("a number that no double holds is the loss 'number'") {
  auto chain = make_chain("- jq: '.a?, (arrays | .[])'");
  REQUIRE(chain.ok());
  for (const std::string lossy :
       {"9007199254740993", "-12345678901234567890", "0.12345678901234567", "1e400", "-1E+400",
        "1e-400", "1.00000000000000001", "123456789012345678.5e-3"}) {
    INFO(lossy);
    CHECK(notes_of(*chain, R"({"a": 1, "b": [)" + lossy + "]}") ==
          std::vector<std::string>{R"("loss":"number")"});
  }
  for (const std::string exact :
       {"0", "-0", "0.000e5", "1.10", "1e2", "100000000000000000000000", "9007199254740992", "0.1",
        "0.30000000000000004", "1.7976931348623157e308", "5e-324", "0.00000000000000000001",
        "1E+22", "123.4560000000000000000000"}) {
    INFO(exact);
    CHECK(notes_of(*chain, R"({"a": 1, "b": [)" + exact + "]}") == std::vector<std::string>{""});
  }
  CHECK(notes_of(*chain, "[1e400, 2]", R"("loss":"order, mixed","key":"b7")") ==
        std::vector<std::string>(2, R"("key":"b7","loss":"order, mixed, number")"));
  CHECK(outcome("- jq: { program: '.[0]', on_loss: error }", "[1, 1e400]") ==
        "transformer.jq: a number that no double holds, and jq has nothing else");
  CHECK(outcome("- jq: { program: '.[0]', on_loss: error }", "[1.50, \"1e400\"]") == "1.5");
}

}  // namespace
}  // namespace docmill::test
