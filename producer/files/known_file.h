// KnownFile: an input file as it was when it was first seen. What is read of it later is read by
// these facts, so that the same positions hold the same documents.
#pragma once

#include <cstdint>
#include <string>

namespace docmill {

struct KnownFile {
  std::string path;           // as it was found; relative paths are relative to the daemon's folder
  std::uint64_t size = 0;     // bytes; never more is read
  std::uint64_t inode = 0;    // tells a replaced file from the old one
  std::int64_t modified = 0;  // nanoseconds since 1970
  bool operator==(const KnownFile&) const = default;
};

}  // namespace docmill
