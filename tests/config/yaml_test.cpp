#include "shared/config/yaml.h"

#include "tests/support/catch.h"

namespace docmill {
namespace {

struct Case {
  std::string yaml;
  std::string findings;
};

std::string findings_of(std::string_view yaml) {
  Findings findings;
  parse_yaml(yaml, Place(findings, "a.yaml"));
  return findings.text();
}

YamlNode tree(std::string_view yaml) {
  Findings findings;
  const auto node = parse_yaml(yaml, Place(findings, "a.yaml"));
  INFO(findings.text());
  REQUIRE(node.has_value());
  return *node;
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::string bomb() {
  std::string yaml = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 40; ++i) {
    const std::string below = "*a" + std::to_string(i - 1);
    yaml +=
        "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + below + ", " + below + "]\n";
  }
  return yaml;
}

const std::string kTooLarge = "larger than 100000 values or 8MiB once aliases are expanded";

TEST_CASE("Text that is not YAML within the limits is a finding with its line") {
  const std::vector<Case> cases = {
      {.yaml = "a: [1, 2\nb: 3\n", .findings = "2: not YAML: end of sequence flow not found"},
      {.yaml = "a: 1\n b: 2\n", .findings = "2: not YAML: illegal map value"},
      {.yaml = "a: \"x\n", .findings = "2: not YAML: a quote above is never closed"},
      {.yaml = "a: 'x", .findings = "2: not YAML: a quote above is never closed"},
      {.yaml = "a:\n\tb: 1\n", .findings = "2: not YAML: a tab in the indentation; use spaces"},
      {.yaml = "a: 1\n\tb: 1\n", .findings = "2: not YAML: a tab in the indentation; use spaces"},
      {.yaml = "a: *b\n", .findings = "1: not YAML: the referenced anchor is not defined"},
      {.yaml = "a: &b [*b]\n", .findings = "1: an alias cannot stand inside of what it names"},
      {.yaml = "[a, b]: 1\n", .findings = "1: a key must be text, got a list"},
      {.yaml = "a: 1\n---\nb: 2\n", .findings = "3: a second document; a pipeline file holds one"},
      {.yaml = std::string("a: 1\nb: \0\n", 10),
       .findings = "2: a control character (byte 0x00); remove it"},
      {.yaml = "a: 1\nb: \x1b[2J\n", .findings = "2: a control character (byte 0x1b); remove it"},
      {.yaml = "a: \xff\n", .findings = "1: not UTF-8 (byte 0xff); save the file as UTF-8"},
      {.yaml = "a: \xc0\xaf\n", .findings = "1: not UTF-8 (byte 0xc0); save the file as UTF-8"},
      {.yaml = "a: \xed\xa0\x80\n", .findings = "1: not UTF-8 (byte 0xed); save the file as UTF-8"},
      {.yaml = "a: \xe2\x82", .findings = "1: not UTF-8 (byte 0xe2); save the file as UTF-8"},
      {.yaml = "%YAML 3.0\n---\na: 1\n", .findings = "1: not YAML: YAML major version too large"},
      {.yaml = bomb(), .findings = "14: " + kTooLarge},
      {.yaml = "a: &a " + std::string(1000000, 'x') + "\nb: [" + repeated("*a,", 20) + "]\n",
       .findings = "2: " + kTooLarge},
      {.yaml = "[" + repeated("a,", 200000) + "]", .findings = "1: " + kTooLarge},
      {.yaml = repeated("[", 10000), .findings = "1: nested deeper than 64 levels"},
      {.yaml = repeated("[", 1000000), .findings = "1: nested deeper than 64 levels"},
      {.yaml = repeated("{a: ", 10000), .findings = "1: nested deeper than 64 levels"},
      {.yaml = repeated("- ", 10000), .findings = "1: nested deeper than 64 levels"},
      {.yaml = repeated("? ", 10000), .findings = "1: nested deeper than 64 levels"},
      {.yaml = repeated("a: ", 300000), .findings = "1: not YAML: illegal map value"},
  };
  for (const Case& test : cases) CHECK(findings_of(test.yaml) == "a.yaml:" + test.findings + "\n");
}

TEST_CASE("A text over 1 MiB is refused unread") {
  CHECK(findings_of(std::string((1 << 20) + 1, '#')) ==
        "a.yaml: larger than 1MiB; a pipeline file is small\n");
  CHECK(findings_of(std::string(1 << 20, '#')) == "");
}

TEST_CASE("Lines count from 1, and a section has the line of its key") {
  const YamlNode root = tree("# a comment\n\na: 1\nb:\n  - c: 2\n  - d:\n      e: 3\n");
  REQUIRE(root.entries.size() == 2);
  CHECK(root.entries[0].line == 3);
  CHECK(root.entries[1].value.line == 4);
  CHECK(root.entries[1].value.items[0].line == 5);
  CHECK(root.entries[1].value.items[1].find("d")->line == 6);
  CHECK(root.entries[1].value.items[1].find("d")->find("e")->line == 7);
}

TEST_CASE("Repeated keys stay visible") {
  const YamlNode root = tree("a: 1\na: 2\n");
  REQUIRE(root.entries.size() == 2);
  CHECK(root.entries[1].value.text == "2");
}

TEST_CASE("Aliases are expanded") {
  CHECK(canonical_text(tree("a: &x { b: 1 }\nc: *x\n")) == R"({"a": {"b": "1"}, "c": {"b": "1"}})");
}

TEST_CASE("CRLF, a byte order mark and an empty text are read") {
  CHECK(canonical_text(tree("\xEF\xBB\xBF"
                            "a: 1\r\nb:\r\n  - 2\r\n")) == R"({"a": "1", "b": ["2"]})");
  CHECK(tree("").kind == YamlNode::Kind::kNull);
  CHECK(tree("# only a comment\n").kind == YamlNode::Kind::kNull);
}

TEST_CASE("The canonical text is the same whatever the layout, and reads back") {
  const std::string canonical =
      R"({"a": "x: \"y\"\u000a\\", "b": [{"c": null}, "12", ""], "z": {}})";
  const YamlNode one = tree("z: {}\nb:\n- c:\n- 12\n- ''\na: \"x: \\\"y\\\"\\n\\\\\"\n");
  const YamlNode two =
      tree("{ b: [ {c: ~}, '12', \"\" ], # why\n  a: 'x: \"y\"\n\n  \\', z: { } }");
  CHECK(canonical_text(one) == canonical);
  CHECK(canonical_text(two) == canonical);
  CHECK(canonical_text(tree(canonical)) == canonical);
}

TEST_CASE("A written scalar reads back as the same text") {
  for (const std::string text : {"a",
                                 "12.00",
                                 "incoming/*.xml",
                                 "out/{sink}/a.ndjson",
                                 "/a/b",
                                 "tcp://*:1",
                                 "a b",
                                 "",
                                 "~",
                                 "null",
                                 "- a",
                                 "{a}",
                                 "# a",
                                 "a\nb",
                                 "'",
                                 "\"",
                                 "\\",
                                 "*a",
                                 "&a",
                                 "%a",
                                 "a: b",
                                 "é"}) {
    CHECK(tree("k: " + written(text)).find("k")->text == text);
  }
  CHECK(written("incoming/*.xml") == "incoming/*.xml");
  CHECK(written("tcp://a:1") == "\"tcp://a:1\"");
}

TEST_CASE("A file that cannot be read is a finding") {
  const auto read = [](const std::filesystem::path& file) {
    Findings findings;
    CHECK_FALSE(read_yaml(file, Place(findings, "books.yaml")).has_value());
    return findings.text();
  };
  CHECK(
      read("/nowhere/books.yaml") ==
      "books.yaml: cannot be read: no such file or directory; give the path of a pipeline file\n");
  CHECK(read("/tmp") ==
        "books.yaml: cannot be read: is a directory; give the path of a pipeline file\n");
}

}  // namespace
}  // namespace docmill
