#include "shared/document/force_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/document/xml_text.h"

namespace docmill {

Result<ForceList> ForceList::parse(std::span<const std::string> entries) {
  ForceList list;
  for (const std::string& entry : entries) {
    if (entry.starts_with('/')) {
      Result<ElementPath> path = ElementPath::parse(entry);
      if (!path.ok()) return path.error();
      list.paths_.push_back(std::move(path).value());
    } else if (entry == "*") {
      list.every_ = true;
    } else if (is_qname(entry)) {
      list.names_.push_back(entry);
    } else {
      return config_error(fmt::format(
          "expected a name like author, a path like /catalog/book/author, or '*', found '{}'",
          entry));
    }
  }
  return list;
}

bool ForceList::holds(std::string_view name, std::span<const std::string_view> path) const {
  if (every_) return true;
  if (std::find(names_.begin(), names_.end(), name) != names_.end()) return true;
  return std::any_of(paths_.begin(), paths_.end(),
                     [path](const ElementPath& wanted) { return wanted.matches(path); });
}

}  // namespace docmill
