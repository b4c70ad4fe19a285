#include "shared/document/loss.h"

namespace docmill {

std::string loss_names(LossSet losses) {
  constexpr const char* kNames[] = {"order",     "mixed",     "pi",       "comment",
                                    "cdata",     "number",    "type",     "array",
                                    "character", "attribute", "namespace"};
  std::string text;
  for (unsigned bit = 0; bit < std::size(kNames); ++bit) {
    if ((losses >> bit & 1) == 0) continue;
    if (!text.empty()) text += ", ";
    text += kNames[bit];
  }
  return text;
}

}  // namespace docmill
