#include "shared/config/component.h"

#include <fmt/format.h>

#include "shared/base/check.h"
#include "shared/base/text.h"
#include "shared/config/yaml.h"

namespace docmill {
namespace {

std::string expectation(const ComponentSet* set) {
  if (set == nullptr) return "one component";
  const auto keys = set->keys();
  return fmt::format("one {} ({})", set->what(), either(keys));
}

// The one entry of a component's mapping; nothing, and a finding, when it is not one.
std::optional<YamlEntry> only_entry(const YamlNode& node, const Place& place,
                                    const ComponentSet* set) {
  if (node.kind == YamlNode::Kind::kScalar) {
    YamlEntry entry;
    entry.key = node.text;
    entry.line = entry.value.line = node.line;
    return entry;
  }
  if (node.kind != YamlNode::Kind::kMap) {
    place.report(node.line, fmt::format("must be {}, got {}", expectation(set), found(node)));
    return std::nullopt;
  }
  if (node.entries.size() == 1) return node.entries.front();
  std::vector<std::string> keys;
  for (const YamlEntry& entry : node.entries) keys.push_back(quote(entry.key));
  place.report(node.line,
               fmt::format("must be {}, got {}", expectation(set),
                           keys.empty() ? "none" : fmt::format("{}", fmt::join(keys, " and "))));
  return std::nullopt;
}

YamlNode as_node(const YamlEntry& entry) {
  YamlNode node{.kind = YamlNode::Kind::kMap, .line = entry.line, .entries = {entry}};
  YamlNode& settings = node.entries.front().value;
  if (settings.kind == YamlNode::Kind::kNull) settings.kind = YamlNode::Kind::kMap;
  return node;
}

Error unreadable(const Findings& findings) {
  std::vector<std::string> lines;
  for (const Finding& finding : findings.sorted()) lines.push_back(to_string(finding));
  return config_error(fmt::format("{}", fmt::join(lines, "; ")));
}

}  // namespace

ComponentSet::ComponentSet(std::string what, std::vector<AnySchema> schemas)
    : what_(std::move(what)), schemas_(std::move(schemas)) {
  for (const AnySchema& schema : schemas_) {
    DOCMILL_CHECK(find(schema.key()) == &schema, "two {}s are called '{}'", what_, schema.key());
  }
}

const AnySchema* ComponentSet::find(std::string_view key) const {
  for (const AnySchema& schema : schemas_) {
    if (schema.key() == key) return &schema;
  }
  return nullptr;
}

std::vector<std::string_view> ComponentSet::keys() const {
  std::vector<std::string_view> all;
  for (const AnySchema& schema : schemas_) all.push_back(schema.key());
  return all;
}

std::optional<Component> read_component(const YamlNode& node, const Place& place,
                                        const ComponentSet* set) {
  const std::optional<YamlEntry> entry = only_entry(node, place, set);
  if (!entry) return std::nullopt;
  Component component{.key = entry->key,
                      .config = {},
                      .line = entry->line,
                      .canonical = canonical_text(as_node(*entry))};
  if (set == nullptr) return component;
  const AnySchema* schema = set->find(entry->key);
  const Place here = place.at(entry->key);
  if (schema == nullptr) {
    here.report(entry->line, unknown(set->what(), entry->key, set->keys()));
    return std::nullopt;
  }
  component.config = schema->parse(entry->value, here);
  return component;
}

Result<Component> parse_component(std::string_view canonical, const ComponentSet& set) {
  Findings findings;
  const Place place(findings, set.what());
  const std::optional<YamlNode> node = parse_yaml(canonical, place);
  std::optional<Component> component;
  if (node) component = read_component(*node, place, &set);
  if (!findings.empty()) return unreadable(findings);
  return *component;
}

std::string canonical_text(const std::vector<Component>& components) {
  std::string text;
  for (const Component& component : components) {
    text += (text.empty() ? "" : ", ") + component.canonical;
  }
  return "[" + text + "]";
}

Result<std::vector<Component>> parse_components(std::string_view canonical,
                                                const ComponentSet& set) {
  Findings findings;
  const Place place(findings, set.what() + "s");
  std::vector<Component> components;
  const std::optional<YamlNode> list = parse_yaml(canonical, place);
  if (list && list->kind != YamlNode::Kind::kList) {
    place.report(list->line, fmt::format("must be a list, got {}", found(*list)));
  }
  for (std::size_t i = 0; list && i < list->items.size(); ++i) {
    auto component = read_component(list->items[i], place.at(i), &set);
    if (component) components.push_back(std::move(*component));
  }
  if (!findings.empty()) return unreadable(findings);
  return components;
}

}  // namespace docmill
