// InheritedAttributes: what an element gets from its ancestors and needs when it stands alone: the
// declarations of namespaces in scope, xml:lang and xml:space.
//
// Not for several threads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace docmill {

// Whether an attribute of this name holds for descendants too.
bool is_inherited(std::string_view name);

class InheritedAttributes {
 public:
  // The depth of the element that is being opened, or that has just been closed.
  void add(std::size_t depth, std::string_view name, std::string_view value);
  void leave(std::size_t depth);

  // Appends ` name="value"` for each that holds here; `has` tells which names the element has
  // itself.
  template <typename Has>
  void append_missing(std::string& out, const Has& has) {
    if (!fresh_) find_in_scope();
    for (const Attribute* attribute : in_scope_) {
      if (!attribute->text.empty() && !has(attribute->name)) out += attribute->text;
    }
  }

 private:
  struct Attribute {
    std::size_t depth;
    std::string name;
    std::string text;  // ` name="value"`; empty for xmlns="", which needs no saying at a root
  };
  void find_in_scope();

  std::vector<Attribute> attributes_;       // of all open elements, outermost first
  std::vector<const Attribute*> in_scope_;  // the innermost of each name, while fresh_
  bool fresh_ = true;
};

}  // namespace docmill
