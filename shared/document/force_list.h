// ForceList: which elements become an array even when they stand alone.
//
// A value, compiled once from the words of a pipeline file. An entry without '/' is the name of an
// element anywhere, '*' is every element; an entry that begins with '/' is a path from the root,
// '/catalog/book/author'.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/document/element_path.h"

namespace docmill {

class ForceList {
 public:
  ForceList() = default;
  // Failure: kConfig, an entry that is neither a name nor a path.
  static Result<ForceList> parse(std::span<const std::string> entries);

  bool empty() const { return !every_ && names_.empty() && paths_.empty(); }
  // Whether names of ancestors have to be kept for `holds`.
  bool has_paths() const { return !paths_.empty(); }
  // path: the names from the root element to the element itself.
  bool holds(std::string_view name, std::span<const std::string_view> path) const;

 private:
  bool every_ = false;
  std::vector<std::string> names_;
  std::vector<ElementPath> paths_;
};

}  // namespace docmill
