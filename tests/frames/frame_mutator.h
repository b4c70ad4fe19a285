// FrameMutator: changes frames at random, the same way for the same seed, and makes their hashes
// right again, so that it is what they say that is wrong and not what guards it.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace docmill {

class FrameMutator {
 public:
  explicit FrameMutator(std::uint64_t seed) : random_(seed) {}

  // A number from 0 to n - 1.
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  std::uint64_t any() { return random_(); }

  // One to three changes: bytes set, cut off, put in, taken out; numbers at their edges.
  std::string mutate(std::string bytes);

 private:
  void change(std::string& bytes);

  std::mt19937_64 random_;
};

// The frame with the hash that it should have. Too short ones stay as they are.
std::string sealed_header(std::string frame, std::string_view payload);
std::string sealed_control(std::string frame);

}  // namespace docmill
