// KeptAttributes: attributes of the elements around a record that were chosen to go with it.
//
// Not for several threads. Without any chosen, nothing is done.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "shared/document/element_path.h"

namespace docmill {

// An attribute of the elements at a path: '/dump/@xml:lang'.
struct AttributePath {
  ElementPath element;
  std::string name;

  // Failure: kConfig.
  static Result<AttributePath> parse(std::string_view text);
};

class KeptAttributes {
 public:
  // The names that records have them under.
  explicit KeptAttributes(const std::map<std::string, AttributePath>& chosen);

  bool none() const { return chosen_.empty(); }
  // An element opens; names_and_values as expat has them, pairs and then nullptr.
  void enter(const char* element, const char** names_and_values);
  // The element that was opened last closes.
  void leave();
  // Whether this attribute of the element that was opened last is kept.
  bool keeps(std::string_view attribute) const;
  // The innermost value of each, as notes (notes.h).
  std::string notes() const;

 private:
  struct Value {
    std::size_t depth = 0;
    std::string text;
  };
  struct Chosen {
    std::string note;
    AttributePath path;
    std::vector<ElementPath::State> states{ElementPath::start()};  // of the open elements
    std::vector<Value> values = {};                                // outermost first
  };

  std::vector<Chosen> chosen_;
};

}  // namespace docmill
