#include "shared/config/section.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "shared/base/check.h"
#include "shared/base/text.h"

namespace docmill {
namespace {

using Lines = std::map<std::string_view, int>;

std::string_view given_of(const std::vector<std::string>& names, const Lines& lines,
                          std::string_view but_not = {}) {
  for (const std::string& name : names) {
    if (name != but_not && lines.contains(name)) return name;
  }
  return {};
}

void check_exactly_one(const Section& section, const Lines& lines, const YamlNode& node,
                       const Place& place) {
  const std::string_view first = given_of(section.exactly_one, lines);
  if (first.empty()) {
    const std::vector<std::string_view> names(section.exactly_one.begin(),
                                              section.exactly_one.end());
    place.report(node.line, fmt::format("must have one of {}, got neither", either(names)));
    return;
  }
  const std::string_view other = given_of(section.exactly_one, lines, first);
  if (other.empty()) return;
  place.at(other).report(lines.at(other),
                         fmt::format("cannot stand beside '{}'; keep one of them", first));
}

void check_required(const Section& section, const Lines& lines, const YamlNode& node,
                    const Place& place) {
  for (const Field& field : section.fields) {
    if (!field.required || lines.contains(field.name)) continue;
    place.at(field.name)
        .report(node.line, field.example.empty()
                               ? "missing, and required"
                               : fmt::format("missing, and required; for example '{}: {}'",
                                             field.name, field.example));
  }
}

void check_consistent(const Section& section, const YamlNode& node, const Place& place,
                      const void* object) {
  if (!section.consistent) return;
  if (auto problem = section.consistent(object)) place.report(node.line, std::move(*problem));
}

}  // namespace

void Section::add(Field field) {
  DOCMILL_CHECK(find(field.name) == nullptr, "two fields of {} are {}", key, field.name);
  fields.push_back(std::move(field));
}

const Field* Section::find(std::string_view name) const {
  const auto at = std::find_if(fields.begin(), fields.end(),
                               [&](const Field& field) { return field.name == name; });
  return at == fields.end() ? nullptr : &*at;
}

void read_section(const Section& section, const YamlNode& node, const Place& place, void* object) {
  if (node.kind == YamlNode::Kind::kScalar && !section.shorthand.empty()) {
    const std::size_t before = place.total();
    section.find(section.shorthand)->read(node, place, object);
    if (place.total() == before) check_consistent(section, node, place, object);
    return;
  }
  if (node.kind != YamlNode::Kind::kMap && node.kind != YamlNode::Kind::kNull) {
    place.report(node.line, fmt::format("must be a mapping of fields, got {}", found(node)));
    return;
  }
  const std::size_t before = place.total();
  std::vector<std::string_view> known;
  for (const Field& field : section.fields) known.push_back(field.name);
  Lines lines;
  for (const YamlEntry& entry : node.entries) {
    const Place here = place.at(entry.key);
    const Field* field = section.find(entry.key);
    if (field == nullptr) {
      here.report(entry.line, unknown("field", entry.key, known));
    } else if (const auto [first, is_new] = lines.emplace(field->name, entry.line); !is_new) {
      here.report(entry.line,
                  fmt::format("given twice, first in line {}; keep one of them", first->second));
    } else {
      field->read(entry.value, here, object);
    }
  }
  check_required(section, lines, node, place);
  if (!section.exactly_one.empty()) check_exactly_one(section, lines, node, place);
  if (place.total() == before) check_consistent(section, node, place, object);
}

bool is_scalar(const YamlNode& node, const std::string& type, const Place& place) {
  if (node.kind == YamlNode::Kind::kScalar) return true;
  const bool is_choice = type.find(" or ") != std::string::npos;
  const std::string article = is_choice || type == "text" ? "" : "a ";
  place.report(node.line, fmt::format("must be {}{}, got {}", article, type, found(node)));
  return false;
}

bool is_list(const YamlNode& node, const Place& place) {
  if (node.kind == YamlNode::Kind::kList || node.kind == YamlNode::Kind::kNull) return true;
  place.report(node.line,
               fmt::format("must be a list, got {}; begin each entry with '- '", found(node)));
  return false;
}

bool is_map(const YamlNode& node, const Place& place) {
  if (node.kind == YamlNode::Kind::kMap || node.kind == YamlNode::Kind::kNull) return true;
  place.report(node.line, fmt::format("must be a mapping of names, got {}", found(node)));
  return false;
}

std::string unknown(std::string_view what, std::string_view word,
                    const std::vector<std::string_view>& known) {
  const std::string_view near = nearest(word, known);
  if (!near.empty()) return fmt::format("unknown {}; did you mean '{}'?", what, near);
  if (known.empty()) return fmt::format("unknown {}; there are none", what);
  return fmt::format("unknown {}; known are {}", what, fmt::join(known, ", "));
}

}  // namespace docmill
