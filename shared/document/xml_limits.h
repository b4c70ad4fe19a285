// What one XML document may be at most. Every limit is enforced while the bytes are looked at,
// before anything is built of them.
#pragma once

#include <cstdint>

#include "shared/base/units.h"

namespace docmill {

struct XmlLimits {
  Bytes document{64ULL << 20};      // never above 4 GiB: offsets into a document are 32 bits
  Bytes token{10'000'000};          // one text, attribute value, comment or processing instruction
  Bytes name{1024};                 // one element or attribute name, with its prefix
  std::uint32_t depth = 512;        // elements open at once; never above 10,000 (writers recurse)
  std::uint32_t attributes = 1000;  // of one element
  std::uint32_t namespaces = 256;   // prefix declarations in scope at once
};

}  // namespace docmill
