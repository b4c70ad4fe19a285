// Section: what a Schema<T> declared, without its type: the fields of one mapping in a file. The
// reader, the reference and the sample all work on it.
//
// A Section is complete before it is shared and does not change afterwards.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/config/findings.h"
#include "shared/config/yaml_node.h"

namespace docmill {

class ComponentSet;
struct Section;

struct Field {
  enum class Form { kOne, kList, kMap };

  std::string name{};
  std::string meaning{};   // a sentence
  std::string type{};      // of a single value: "whole number"; empty for a section
  std::string limits{};    // "at least 1, at most 256"; may be empty
  std::string standard{};  // the default as YAML; empty when there is none
  std::string example{};   // as YAML; may be empty
  bool required = false;
  Form form = Form::kOne;
  std::shared_ptr<const Section> section{};  // the value (or each value) is one of these
  const ComponentSet* components = nullptr;  // the value (or each value) is chosen from these
  std::function<void(const YamlNode&, const Place&, void* object)> read{};
};

struct Section {
  std::string key;
  std::string summary;  // a sentence
  std::vector<Field> fields;
  std::string shorthand;                 // a scalar in place of the mapping is this field
  std::vector<std::string> exactly_one;  // fields that exclude each other
  bool partitioned = false;              // several producers may share it as it is
  // What is wrong with the object as a whole, once all of its fields are right; may be empty.
  std::function<std::optional<std::string>(const void* object)> consistent{};

  const Field* find(std::string_view name) const;
  void add(Field field);  // its name is new
};

// Reads the fields of node into object, which is the T of the Schema. Everything wrong is reported.
void read_section(const Section& section, const YamlNode& node, const Place& place, void* object);

// False, and a finding, when node is not a single value. type: the name of what was expected.
bool is_scalar(const YamlNode& node, const std::string& type, const Place& place);

// The same for a list and for a mapping; null counts as an empty one.
bool is_list(const YamlNode& node, const Place& place);
bool is_map(const YamlNode& node, const Place& place);

// "unknown field; did you mean 'path'?" or "unknown field; known are a, b".
std::string unknown(std::string_view what, std::string_view word,
                    const std::vector<std::string_view>& known);

}  // namespace docmill
