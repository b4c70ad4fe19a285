// ElementPath: where the elements that are wanted stand: '/catalog/book', '/feed/*', '//entry'.
//
// A value. Names match as they are written, prefix included; '*' is any one element; '//' is any
// number of elements in between. Matching goes step by step as elements open, with the state of a
// step in one number, so that a caller keeps a number for every open element and nothing else.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"

namespace docmill {

class ElementPath {
 public:
  using State = std::uint64_t;

  // Failure: kConfig.
  static Result<ElementPath> parse(std::string_view text);

  // The state before the root element is open.
  static constexpr State start() { return 1; }
  // The state inside an element of this name, which stands in an element with that state.
  State step(State state, std::string_view name) const;
  // Whether the element whose state this is, is wanted.
  bool wanted(State state) const { return ((state >> steps_.size()) & 1) != 0; }
  // The same in one call: the names from the root element to the element itself.
  bool matches(std::span<const std::string_view> names) const;

  const std::string& text() const { return text_; }

 private:
  struct Step {
    std::string name;   // or "*"
    bool deep = false;  // after '//'
  };

  std::string text_;
  std::vector<Step> steps_;
};

}  // namespace docmill
