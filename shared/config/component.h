// Component: a source, processor or output that a pipeline file chose by its key, with its parsed
// settings. AnySchema and ComponentSet: what there is to choose from.
//
// Values. A ComponentSet is built by the caller (a daemon's catalog) and must live as long as a
// schema that refers to it.
#pragma once

#include <any>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/config/findings.h"
#include "shared/config/section.h"
#include "shared/config/yaml_node.h"

namespace docmill {

struct Component {
  std::string key;
  std::any config;  // the T of the component's Schema<T>; empty when the set was not known
  int line = 0;
  // canonical_text of {key: settings}: the same under another layout, comments or order of fields.
  // Revisions are made of it, and parse_component reads it back.
  std::string canonical;
};

// A Schema<T> without its T.
class AnySchema {
 public:
  using Parse = std::function<std::any(const YamlNode&, const Place&)>;
  AnySchema(std::shared_ptr<const Section> section, Parse parse)
      : section_(std::move(section)), parse_(std::move(parse)) {}

  const std::string& key() const { return section_->key; }
  const Section& section() const { return *section_; }
  // Holds a T; what is wrong with the node is reported.
  std::any parse(const YamlNode& node, const Place& place) const { return parse_(node, place); }

 private:
  std::shared_ptr<const Section> section_;
  Parse parse_;
};

class ComponentSet {
 public:
  // what: "source", "processor"; the word of the messages. Two schemas of one key are a bug.
  ComponentSet(std::string what, std::vector<AnySchema> schemas);

  const std::string& what() const { return what_; }
  const std::vector<AnySchema>& schemas() const { return schemas_; }
  const AnySchema* find(std::string_view key) const;
  std::vector<std::string_view> keys() const;

 private:
  std::string what_;
  std::vector<AnySchema> schemas_;
};

// The declarations of what a catalog lists; each entry has a `schema`.
template <typename Listed>
ComponentSet component_set(std::string what, const std::vector<Listed>& catalog) {
  std::vector<AnySchema> schemas;
  for (const Listed& entry : catalog) schemas.push_back(entry.schema);
  return ComponentSet(std::move(what), std::move(schemas));
}

// The entry of a catalog with that key; null when there is none.
template <typename Listed>
const Listed* find_listed(const std::vector<Listed>& catalog, std::string_view key) {
  for (const Listed& entry : catalog) {
    if (entry.schema.key() == key) return &entry;
  }
  return nullptr;
}

// `key: settings`, or only `key`. Without a set only the shape is checked. Nothing, and a finding,
// when no component is named.
std::optional<Component> read_component(const YamlNode& node, const Place& place,
                                        const ComponentSet* set);

// The component of that canonical text. An error says all that the set refuses.
Result<Component> parse_component(std::string_view canonical, const ComponentSet& set);

// A list of components as one canonical text, and back.
std::string canonical_text(const std::vector<Component>& components);
Result<std::vector<Component>> parse_components(std::string_view canonical,
                                                const ComponentSet& set);

}  // namespace docmill
