// TestConfig: a test of a pipeline, as the `tests` section of its file says it.
//
// Values. `docmill test` runs them (cli/testing); daemons pass over the section.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/config/yaml_node.h"

namespace docmill {

// One document.
struct TestDocument {
  YamlNode node;  // a scalar: its text; a mapping or a list: the JSON that this is in YAML
  std::filesystem::path file;  // where it is instead; relative to the folder of the pipeline file
};

// A document, or a list of them.
struct TestDocuments {
  std::vector<TestDocument> all;
};

// Names and texts, or a list of such mappings: one for each document.
struct TestNotes {
  std::vector<std::map<std::string, std::string>> all;
};

struct TestDeadLetter {
  std::string error;  // "stage: error"
  std::optional<TestDocument> document;
};

// What is not named is not looked at; but dead letters are none unless it says which, or how many.
struct TestConfig {
  std::string name;  // may be empty
  TestDocuments input;
  std::optional<TestDocuments> output;
  std::optional<TestNotes> notes;
  std::optional<std::string> error;  // the only dead letter
  std::vector<TestDeadLetter> dead;
  std::optional<std::uint64_t> outputs;
  std::optional<std::uint64_t> filtered;
  std::optional<std::uint64_t> dead_letters;
  int line = 0;  // in the file
};

}  // namespace docmill
