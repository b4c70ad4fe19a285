#include "shared/document/kept_attributes.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/document/notes.h"
#include "shared/document/xml_text.h"

namespace docmill {

Result<AttributePath> AttributePath::parse(std::string_view text) {
  const auto wrong = [text](std::string_view why) {
    return config_error(fmt::format(
        "expected the path of an attribute like /catalog/@id, found '{}': {}", text, why));
  };
  const std::size_t at = text.rfind("/@");
  if (at == text.npos) return wrong("its last step has to begin with '@'");
  AttributePath path;
  path.name = text.substr(at + 2);
  if (!is_qname(path.name)) return wrong(fmt::format("'{}' is no name", path.name));
  Result<ElementPath> element = ElementPath::parse(text.substr(0, at));
  if (!element) return wrong(fmt::format("'{}' is no path of elements", text.substr(0, at)));
  path.element = std::move(*element);
  return path;
}

KeptAttributes::KeptAttributes(const std::map<std::string, AttributePath>& chosen) {
  for (const auto& [note, path] : chosen) chosen_.push_back({.note = note, .path = path});
}

void KeptAttributes::enter(const char* element, const char** names_and_values) {
  for (Chosen& chosen : chosen_) {
    chosen.states.push_back(chosen.path.element.step(chosen.states.back(), element));
    if (!chosen.path.element.wanted(chosen.states.back())) continue;
    for (const char** pair = names_and_values; *pair != nullptr; pair += 2) {
      if (chosen.path.name == *pair) chosen.values.push_back({chosen.states.size(), pair[1]});
    }
  }
}

void KeptAttributes::leave() {
  for (Chosen& chosen : chosen_) {
    std::vector<Value>& values = chosen.values;
    if (!values.empty() && values.back().depth == chosen.states.size()) values.pop_back();
    chosen.states.pop_back();
  }
}

bool KeptAttributes::keeps(std::string_view attribute) const {
  return std::any_of(chosen_.begin(), chosen_.end(), [attribute](const Chosen& chosen) {
    return chosen.path.name == attribute && chosen.path.element.wanted(chosen.states.back());
  });
}

std::string KeptAttributes::notes() const {
  std::string notes;
  for (const Chosen& chosen : chosen_) {
    if (!chosen.values.empty()) set_note(notes, chosen.note, chosen.values.back().text);
  }
  return notes;
}

}  // namespace docmill
