// Small text tools that messages are made of.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace docmill {

// The candidate nearest to the word, at most two edits (Damerau-Levenshtein, adjacent swaps) away;
// empty when there is none.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// "a, b or c".
std::string either(std::span<const std::string_view> words);

}  // namespace docmill
