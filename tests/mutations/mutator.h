// Mutator: changes documents at random, the same way for the same seed: bytes flipped, cut,
// doubled, spliced in from another document, tokens inserted.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace docmill {

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  // A number from 0 to n - 1.
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }
  // One to three changes; `other` is where splices come from.
  std::string mutate(std::string document, std::string_view other);

 private:
  void change(std::string& document, std::string_view other);
  void change_gently(std::string& document);

  std::mt19937_64 random_;
};

}  // namespace docmill
