#include "shared/document/loss.h"

#include <algorithm>
#include <utility>

namespace docmill {
namespace {

constexpr std::pair<Loss, std::string_view> kNames[] = {
    {Loss::kOrder, "order"},     {Loss::kMixed, "mixed"},   {Loss::kInstruction, "pi"},
    {Loss::kComment, "comment"}, {Loss::kNumber, "number"}, {Loss::kAttribute, "attribute"},
    {Loss::kType, "type"},       {Loss::kArray, "array"},   {Loss::kCharacter, "character"}};

}  // namespace

std::string Losses::text() const {
  std::string text;
  for (const auto& [loss, name] : kNames) {
    if (!has(loss)) continue;
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

Losses Losses::parse(std::string_view text) {
  Losses losses;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(", "));
    for (const auto& [loss, name] : kNames) {
      if (name == word) losses.add(loss);
    }
    text.remove_prefix(std::min(text.size(), word.size() + 2));
  }
  return losses;
}

}  // namespace docmill
