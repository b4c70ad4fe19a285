// SplitRecord: a document that was cut out of a larger one, and where it stood.
#pragma once

#include <cstdint>
#include <string_view>

namespace docmill {

// Valid until the splitter that handed it out is fed again.
struct SplitRecord {
  std::string_view bytes;
  std::uint64_t number = 0;  // counts from 1
  std::uint64_t offset = 0;  // of its beginning in the file
  std::uint64_t line = 0;    // of its beginning; counts from 1
  std::uint64_t size = 0;    // bytes it takes in the file
  std::string_view notes;    // chosen attributes of what stands around it (notes.h)
  bool oversize = false;     // above limits.document: bytes is its beginning only, not well-formed
};

}  // namespace docmill
