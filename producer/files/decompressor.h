// Decompressor: compressed bytes to what they stand for, piece by piece, in bounded memory.
//
// Members (gzip) and frames (zstd) that follow one another are read as one content. The same calls
// give the same pieces. A resource; one thread. Each library stops in a file pair of its own.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "producer/files/known_file.h"
#include "shared/base/result.h"

namespace docmill {

class Decompressor {
 public:
  struct Step {
    std::size_t taken = 0;  // of the packed bytes
    std::size_t given = 0;
  };

  virtual ~Decompressor() = default;
  // Takes what it can of the packed bytes, which go on where it stopped taking. Neither taken nor
  // given: it wants more packed bytes. Failure: kMalformed, the library's words; what was given
  // before is good.
  virtual Result<Step> step(std::string_view packed, char* into, std::size_t most) = 0;
  // Whether the packed bytes may end here.
  virtual bool complete() const = 0;
};

// What a file is by its first bytes.
Compression compression_of(std::string_view first_bytes);
constexpr std::size_t kCompressionMark = 4;  // bytes that compression_of() looks at

// Not for kNone.
std::unique_ptr<Decompressor> make_decompressor(Compression compression);

}  // namespace docmill
