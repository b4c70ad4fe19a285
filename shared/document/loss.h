// Loss: what a conversion could not carry over. Writers add bits up; nothing is lost silently.
#pragma once

#include <cstdint>
#include <string>

namespace docmill {

enum Loss : std::uint16_t {
  kLossOrder = 1,         // of elements with unlike names
  kLossMixed = 2,         // where text stood between elements
  kLossInstruction = 4,   // a processing instruction
  kLossComment = 8,       // a comment
  kLossCdata = 16,        // that text was a CDATA section
  kLossNumber = 32,       // that a text was a number
  kLossType = 64,         // that a text was true, false or null, or that nothing was {}
  kLossArray = 128,       // that something was, or was in, an array
  kLossCharacter = 256,   // a character that the other format cannot carry
  kLossAttribute = 512,   // an attribute
  kLossNamespace = 1024,  // a namespace, or a prefix
};

using LossSet = std::uint16_t;

// "order, mixed"; empty when nothing was lost.
std::string loss_names(LossSet losses);

}  // namespace docmill
