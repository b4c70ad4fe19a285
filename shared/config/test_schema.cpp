#include "shared/config/test_schema.h"

#include <fmt/format.h>

#include <set>
#include <system_error>

namespace docmill {
namespace {

using Problem = std::optional<std::string>;

constexpr std::string_view kDocument =
    "a document: text, a mapping that is its JSON, or 'file: PATH'";

// The path of `file: PATH`; null when the node is another document.
const YamlNode* file_of(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kMap || node.entries.size() != 1) return nullptr;
  const YamlNode* file = node.find("file");
  return file != nullptr && file->kind == YamlNode::Kind::kScalar ? file : nullptr;
}

// YAML lets a key come twice; a JSON object does not.
void check_keys(const YamlNode& node, const Place& place) {
  std::set<std::string_view> seen;
  for (const YamlEntry& entry : node.entries) {
    const Place here = place.at(entry.key);
    if (!seen.insert(entry.key).second) here.report(entry.line, "given twice; keep one of them");
    check_keys(entry.value, here);
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) check_keys(node.items[i], place.at(i));
}

std::map<std::string, std::string> read_notes(const YamlNode& node, const Place& place) {
  std::map<std::string, std::string> notes;
  if (!is_map(node, place)) return notes;
  for (const YamlEntry& entry : node.entries) {
    const Place here = place.at(entry.key);
    if (!is_scalar(entry.value, "text", here)) continue;
    if (!notes.emplace(entry.key, entry.value.text).second) {
      here.report(entry.line, "given twice; keep one of them");
    }
  }
  return notes;
}

Problem inputs_problem(const TestDocuments& input) {
  if (!input.all.empty()) return std::nullopt;
  return "must have at least one document, got none";
}

Problem beside(std::string_view one, std::string_view other) {
  return fmt::format("'{}' cannot stand beside '{}'; keep one of them", one, other);
}

Problem inconsistency(const TestConfig& test) {
  const bool lists_dead = test.error || !test.dead.empty();
  if (test.error && !test.dead.empty()) return beside("error", "dead");
  if (test.dead_letters && lists_dead) return beside("dead_letters", test.error ? "error" : "dead");
  if (test.outputs && test.output) return beside("outputs", "output");
  if (lists_dead || test.output || test.notes || test.outputs || test.filtered ||
      test.dead_letters) {
    return std::nullopt;
  }
  return "must say what comes out: output, notes, error, dead, outputs, filtered or dead_letters";
}

void check_file(const YamlNode& document, const std::filesystem::path& folder, const Place& place) {
  const YamlNode* file = file_of(document);
  if (file == nullptr) return;
  const std::filesystem::path path = folder / file->text;
  std::error_code error;
  if (std::filesystem::is_regular_file(path, error)) return;
  place.at("file").report(
      file->line,
      fmt::format("must be a file, got {}; give its path from the folder of the pipeline file",
                  quote(file->text)));
}

void check_files(const YamlNode* documents, const std::filesystem::path& folder,
                 const Place& place) {
  if (documents == nullptr) return;
  check_file(*documents, folder, place);
  for (std::size_t i = 0; i < documents->items.size(); ++i) {
    check_file(documents->items[i], folder, place.at(i));
  }
}

}  // namespace

TestDocument NodeType<TestDocument>::read(const YamlNode& node, const Place& place) {
  if (node.kind == YamlNode::Kind::kNull) {
    place.report(node.line, fmt::format("must be {}, got nothing", kDocument));
    return {};
  }
  if (const YamlNode* file = file_of(node)) return {.node = {}, .file = file->text};
  check_keys(node, place);
  return {.node = node, .file = {}};
}

TestDocuments NodeType<TestDocuments>::read(const YamlNode& node, const Place& place) {
  if (node.kind != YamlNode::Kind::kList) return {{NodeType<TestDocument>::read(node, place)}};
  TestDocuments documents;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    documents.all.push_back(NodeType<TestDocument>::read(node.items[i], place.at(i)));
  }
  return documents;
}

TestNotes NodeType<TestNotes>::read(const YamlNode& node, const Place& place) {
  if (node.kind != YamlNode::Kind::kList) return {{read_notes(node, place)}};
  TestNotes notes;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    notes.all.push_back(read_notes(node.items[i], place.at(i)));
  }
  return notes;
}

Schema<TestConfig> test_schema() {
  return Schema<TestConfig>("test",
                            "Inputs, each with what must come out; `docmill test` runs them.")
      .field("name", &TestConfig::name, "What the test is called; a sentence that could be false.")
      .field("input", &TestConfig::input,
             "What a file of the source holds: text, a mapping that is its JSON, or 'file: PATH', "
             "seen from the folder of this file; in a list several, one after the other.",
             required, check(inputs_problem), example("<catalog/>"))
      .field("output", &TestConfig::output,
             "All documents that must come out, in order; [] is none. JSON is compared by what it "
             "says, numbers digit by digit; everything else byte by byte, but for a line break at "
             "the end.",
             example("{catalog: null}"))
      .field("notes", &TestConfig::notes,
             "All notes of the document that must come out (loss, key, route, kept attributes); of "
             "several documents a list.",
             example("{loss: order}"))
      .field("error", &TestConfig::error,
             "What the reason of the only dead letter must be: the processor and its error.")
      .nested("dead", &TestConfig::dead,
              Schema<TestDeadLetter>("dead",
                                     "All dead letters that there must be, in order, each with its "
                                     "reason. Without them, 'error' or 'dead_letters' there must "
                                     "be none.")
                  .field("error", &TestDeadLetter::error, "What the reason must be.", required,
                         example("transformer.to_json: line 1, column 2: expected a name"))
                  .field("document", &TestDeadLetter::document,
                         "What the document must be; as it came from the source.")
                  .shorthand("error"))
      .field("outputs", &TestConfig::outputs, "How many documents must come out.")
      .field("filtered", &TestConfig::filtered,
             "How many documents must end without an output and without an error.")
      .field("dead_letters", &TestConfig::dead_letters, "How many dead letters there must be.")
      .consistent(inconsistency);
}

void check_test_files(const YamlNode& root, const std::filesystem::path& folder,
                      const Place& place) {
  const YamlNode* tests = root.find("tests");
  for (std::size_t i = 0; tests != nullptr && i < tests->items.size(); ++i) {
    const YamlNode& test = tests->items[i];
    const Place here = place.at("tests").at(i);
    check_files(test.find("input"), folder, here.at("input"));
    check_files(test.find("output"), folder, here.at("output"));
    const YamlNode* dead = test.find("dead");
    for (std::size_t j = 0; dead != nullptr && j < dead->items.size(); ++j) {
      const YamlNode* document = dead->items[j].find("document");
      if (document != nullptr) {
        check_file(*document, folder, here.at("dead").at(j).at("document"));
      }
    }
  }
}

}  // namespace docmill
