#include "shared/document/loss.h"

#include <string_view>
#include <utility>

namespace docmill {

std::string Losses::text() const {
  static constexpr std::pair<Loss, std::string_view> kNames[] = {
      {Loss::kOrder, "order"},     {Loss::kMixed, "mixed"},   {Loss::kInstruction, "pi"},
      {Loss::kComment, "comment"}, {Loss::kNumber, "number"}, {Loss::kAttribute, "attribute"},
      {Loss::kType, "type"},       {Loss::kArray, "array"},   {Loss::kCharacter, "character"}};
  std::string text;
  for (const auto& [loss, name] : kNames) {
    if (!has(loss)) continue;
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

}  // namespace docmill
