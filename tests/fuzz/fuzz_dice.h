// What is tried with the bytes depends on them alone, so that a finding is one file.
#pragma once

#include <cstdint>
#include <string_view>

namespace docmill {

class FuzzDice {
 public:
  explicit FuzzDice(std::string_view bytes) {
    for (const char c : bytes) state_ = (state_ ^ static_cast<unsigned char>(c)) * 16777619U;
    state_ ^= state_ >> 15;
  }
  std::uint32_t below(std::uint32_t n) {
    const std::uint32_t result = state_ % n;
    state_ /= n;
    return result;
  }

 private:
  std::uint32_t state_ = 2166136261U;
};

}  // namespace docmill
