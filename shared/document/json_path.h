// JsonPath: where the array stands whose items are wanted: '/items', '/pages/*/items', ''.
//
// A value. A JSON Pointer (RFC 6901: '~1' is '/', '~0' is '~') in which '*', and '-' in its place,
// is every item of an array or every value of an object. Matching goes step by step as containers
// open.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"

namespace docmill {

class JsonPath {
 public:
  // Failure: kConfig.
  static Result<JsonPath> parse(std::string_view text);

  std::size_t steps() const { return steps_.size(); }
  // Whether that step leads to the value of this key (as it is written, between the quotes of a
  // document that was found well-formed).
  bool leads_to_key(std::size_t step, std::string_view written) const;
  // Whether it leads to the item of this number, from 0.
  bool leads_to_item(std::size_t step, std::uint64_t number) const;

  const std::string& text() const { return text_; }

 private:
  struct Step {
    std::string name;
    bool every = false;
  };

  std::string text_;
  std::vector<Step> steps_;
};

}  // namespace docmill
