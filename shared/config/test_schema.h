// The declaration of the `tests` section, and what has to be right about it beyond its fields.
#pragma once

#include <filesystem>

#include "shared/config/findings.h"
#include "shared/config/schema.h"
#include "shared/config/test_config.h"
#include "shared/config/yaml_node.h"

namespace docmill {

template <>
struct NodeType<TestDocument> {
  static std::string name() { return "document"; }
  static TestDocument read(const YamlNode& node, const Place& place);
};

template <>
struct NodeType<TestDocuments> {
  static std::string name() { return "document or list of documents"; }
  static TestDocuments read(const YamlNode& node, const Place& place);
};

template <>
struct NodeType<TestNotes> {
  static std::string name() { return "mapping of name to text, or list of such"; }
  static TestNotes read(const YamlNode& node, const Place& place);
};

Schema<TestConfig> test_schema();

// Reports every `file:` in the tests of the pipeline file that leads to no file. folder: of the
// pipeline file. place: of the root.
void check_test_files(const YamlNode& root, const std::filesystem::path& folder,
                      const Place& place);

}  // namespace docmill
