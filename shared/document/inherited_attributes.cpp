#include "shared/document/inherited_attributes.h"

#include <algorithm>

#include "shared/document/xml_text.h"

namespace docmill {

bool is_inherited(std::string_view name) {
  return name == "xmlns" || name.starts_with("xmlns:") || name == "xml:lang" || name == "xml:space";
}

void InheritedAttributes::add(std::size_t depth, std::string_view name, std::string_view value) {
  std::string text;
  if (name != "xmlns" || !value.empty()) {
    text.append(" ").append(name).append("=\"");
    append_attribute(text, value);
    text += '"';
  }
  attributes_.push_back({depth, std::string(name), std::move(text)});
  fresh_ = false;
}

void InheritedAttributes::leave(std::size_t depth) {
  if (attributes_.empty() || attributes_.back().depth < depth) return;
  while (!attributes_.empty() && attributes_.back().depth >= depth) attributes_.pop_back();
  fresh_ = false;
}

void InheritedAttributes::find_in_scope() {
  in_scope_.clear();
  fresh_ = true;
  for (const Attribute& attribute : attributes_) {
    const auto outer =
        std::find_if(in_scope_.begin(), in_scope_.end(),
                     [&](const Attribute* other) { return other->name == attribute.name; });
    if (outer == in_scope_.end()) {
      in_scope_.push_back(&attribute);
    } else {
      *outer = &attribute;
    }
  }
}

}  // namespace docmill
