// Spot: where in a pipeline file a value stands, or would stand, for findings about it.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "shared/config/findings.h"
#include "shared/config/yaml_node.h"

namespace docmill {

// Points into the tree.
struct Spot {
  const YamlNode* node;  // null: not in the file
  int line;
  Place place;

  void report(std::string text) const { place.report(line, std::move(text)); }
};

// The value of that path below root, with the line of the nearest one that is there.
inline Spot spot(const YamlNode& root, const Place& place,
                 std::initializer_list<std::string_view> path) {
  Spot here{&root, root.line, place};
  for (const std::string_view name : path) {
    here.place = here.place.at(name);
    if (here.node != nullptr) here.node = here.node->find(name);
    if (here.node != nullptr) here.line = here.node->line;
  }
  return here;
}

}  // namespace docmill
