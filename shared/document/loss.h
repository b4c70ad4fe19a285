// Losses: what of a document its other form does not say any more.
//
// A value. Whoever converts finds them while writing; none is silent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace docmill {

enum class Loss : std::uint32_t {
  kOrder = 1,        // elements of one name stood among others: which came first
  kMixed = 2,        // where text stood between elements
  kInstruction = 4,  // a processing instruction
  kComment = 8,      // a comment
  kNumber = 16,      // how a number was written: 1.10, 007; or that a text was one
  kAttribute = 32,   // an attribute, or that it was one
  kType = 64,        // that a text was true, false or null, or that nothing was {}
  kArray = 128,      // that something was, or was in, an array
  kCharacter = 256,  // a character that the other form cannot carry
};

class Losses {
 public:
  void add(Loss loss) { bits_ |= static_cast<std::uint32_t>(loss); }
  void add(Losses others) { bits_ |= others.bits_; }
  bool has(Loss loss) const { return (bits_ & static_cast<std::uint32_t>(loss)) != 0; }
  bool empty() const { return bits_ == 0; }
  bool operator==(const Losses&) const = default;

  // "order, mixed, pi, comment, number, attribute, type, array, character", as far as they are
  // there.
  std::string text() const;
  // What text() gave.
  static Losses parse(std::string_view text);

 private:
  std::uint32_t bits_ = 0;
};

}  // namespace docmill
