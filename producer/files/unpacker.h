// Unpacker: the content of a compressed file from its beginning on, in pieces.
//
// It always decompresses into a buffer of the same size, however the content is asked for: so a
// damaged file gives the same content each time, which the identity of its documents rests on.
// Memory does not grow with what the bytes expand to. A resource; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "producer/files/decompressor.h"

namespace docmill {

class Unpacker {
 public:
  // Reads the packed bytes in order, at most so many; 0 only at their end.
  using Raw = std::function<Result<std::size_t>(char* into, std::size_t most)>;

  // file: a compressed one; outlives the unpacker.
  explicit Unpacker(const KnownFile& file);

  // The content from offset() on, as far as it is at hand. Empty: at_end(), or the packed bytes
  // read so far hold no more content; call again. Failure: kMalformed, with the file's path and the
  // place of the damage; or the one of raw.
  Result<std::string_view> peek(const Raw& raw);
  // Steps over bytes that peek() gave.
  void take(std::size_t bytes);
  bool at_end() const { return complete_ && ready_.empty(); }
  std::uint64_t offset() const { return offset_; }  // in the content

 private:
  Result<void> fill(const Raw& raw);
  Error damaged(std::string_view how) const;

  const KnownFile* file_;
  std::unique_ptr<Decompressor> decompressor_;
  std::string packed_;
  std::string_view unread_;  // of packed_
  bool at_end_ = false;      // of the packed bytes
  bool complete_ = false;    // all of the content was given
  std::uint64_t taken_ = 0;  // packed bytes
  std::string content_;
  std::string_view ready_;  // of content_
  std::uint64_t offset_ = 0;
};

}  // namespace docmill
