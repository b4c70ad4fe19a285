// KnownFile: an input file as it was when it was first seen. What is read of it later is read by
// these facts, so that the same positions hold the same documents.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/config/largest.h"

namespace docmill {

// How a file's content is packed. Known by its first bytes, not by its name.
enum class Compression { kNone, kGzip, kZstd };

constexpr std::string_view compression_name(Compression compression) {
  return compression == Compression::kGzip   ? "gzip"
         : compression == Compression::kZstd ? "zstd"
                                             : "plain";
}

struct KnownFile {
  std::string path;           // as it was found; relative paths are relative to the daemon's folder
  std::uint64_t size = 0;     // bytes; never more is read
  std::uint64_t inode = 0;    // tells a replaced file from the old one
  std::int64_t modified = 0;  // nanoseconds since 1970
  Compression compression = Compression::kNone;
  bool operator==(const KnownFile&) const = default;
};

// Whether it is still the file that it was, as far as can be told without reading it. A copy of it
// is not: is_still_there() in file_search.h.
inline bool is_same(const KnownFile& then, const KnownFile& now) {
  return then.inode == now.inode && then.size == now.size && then.modified == now.modified;
}

// What a file that is one document counts for in a batch: the same each time, whatever becomes of
// the file. What compressed bytes expand to is not known before; such a document travels alone.
constexpr std::uint64_t counted_size(const KnownFile& file) {
  return file.compression == Compression::kNone ? file.size : kLargestBatch.count;
}

}  // namespace docmill
