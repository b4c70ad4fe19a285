// YamlNode: a pipeline file as a tree of our own, so that the YAML library stays in yaml.cpp and
// repeated keys stay visible.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace docmill {

struct YamlEntry;

// A value; copies are deep. A tree is at most 64 deep and holds at most 100,000 nodes.
struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  // From 1. A scalar has its own line; everything else has the line of its key, because that is
  // where something missing is added.
  int line = 1;
  std::string text{};              // kScalar
  bool plain = false;              // kScalar: it stands there without quotes, '|' or '>'
  std::vector<YamlNode> items{};   // kList
  std::vector<YamlEntry> entries;  // kMap, in the order of the file; keys may repeat

  // The first value of that key; null when there is none or this is not a map.
  const YamlNode* find(std::string_view key) const;
};

struct YamlEntry {
  std::string key;
  int line = 1;
  YamlNode value;
};

// What was found, for a message: "'12'", "a list", "a mapping", "nothing".
std::string found(const YamlNode& node);

// One line of YAML (and JSON) that reads back to the same tree: keys sorted, every scalar in double
// quotes, no comments. Equal for files that differ only in layout.
std::string canonical_text(const YamlNode& node);

// A scalar as it is written in a file: in double quotes only where YAML needs them.
std::string written(std::string_view scalar);

}  // namespace docmill
