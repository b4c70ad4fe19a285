#include "shared/config/routed_output.h"

#include "shared/base/check.h"
#include "shared/config/schema.h"

namespace docmill {
namespace {

Schema<RoutedOutput> route_schema() {
  const auto some = [](const std::vector<std::string>& routes) -> std::optional<std::string> {
    if (!routes.empty()) return std::nullopt;
    return "must name at least one route, got none; without 'route' the output takes everything";
  };
  return Schema<RoutedOutput>("output", "What all outputs have.")
      .field("route", &RoutedOutput::route,
             "Takes the documents of which the processor route noted one of these, and no others; "
             "without it every document.",
             check(some), example("[orders, returns]"));
}

struct Parts {
  YamlNode common;
  YamlNode own;
};

// Names that neither schema knows are reported here, where all of them are known.
Parts divide(const YamlNode& node, const Section& common, const Section& whole,
             const Place& place) {
  Parts parts{.common = {.kind = YamlNode::Kind::kMap, .line = node.line, .entries = {}},
              .own = node};
  if (node.kind != YamlNode::Kind::kMap) return parts;
  std::vector<std::string_view> known;
  for (const Field& field : whole.fields) known.push_back(field.name);
  parts.own.entries.clear();
  for (const YamlEntry& entry : node.entries) {
    if (common.find(entry.key) != nullptr) {
      parts.common.entries.push_back(entry);
    } else if (whole.find(entry.key) != nullptr) {
      parts.own.entries.push_back(entry);
    } else {
      place.at(entry.key).report(entry.line, unknown("field", entry.key, known));
    }
  }
  return parts;
}

}  // namespace

AnySchema routed(const AnySchema& output) {
  const AnySchema common = route_schema();
  auto whole = std::make_shared<Section>(output.section());
  for (const Field& field : common.section().fields) {
    DOCMILL_CHECK(whole->find(field.name) == nullptr, "{} has a field {} of its own", whole->key,
                  field.name);
    whole->fields.push_back(field);
  }
  return AnySchema(whole, [common, output, whole](const YamlNode& node, const Place& place) {
    const Parts parts = divide(node, common.section(), *whole, place);
    auto settings = std::any_cast<RoutedOutput>(common.parse(parts.common, place));
    settings.own = output.parse(parts.own, place);
    return std::any(std::move(settings));
  });
}

const std::vector<std::string>& routes_of(const Component& output) {
  static const std::vector<std::string> kNone;
  const auto* settings = std::any_cast<RoutedOutput>(&output.config);
  return settings == nullptr ? kNone : settings->route;
}

}  // namespace docmill
