#include "shared/document/json_options.h"

#include <fmt/format.h>

namespace docmill {

std::string JsonOptions::problem() const {
  const auto names = enum_names(convention);
  const std::string_view name = names[static_cast<std::size_t>(convention)].first;
  if (!namespaces.empty() && !by_namespace) {
    return "namespaces are used with 'names: by_namespace' only; add it, or leave them out";
  }
  const bool makes_objects = !makes_lists(convention) && !begins_with_json(convention);
  if (makes_objects) return {};
  if (begins_with_json(convention) && (by_namespace || whitespace != WhitespacePolicy::kUsual)) {
    return fmt::format("names and whitespace have no meaning for '{}'; leave them out", name);
  }
  if (!force_list.empty() || !types.empty() || infer_numbers || comments || instructions || cdata) {
    return fmt::format(
        "force_list, types, infer, comments, instructions and cdata are for conventions that make "
        "objects, '{}' does not; leave them out",
        name);
  }
  if (on_loss == LossPolicy::kOrdered) {
    return fmt::format("'on_loss: ordered' is for conventions that make objects, '{}' does not",
                       name);
  }
  return {};
}

}  // namespace docmill
