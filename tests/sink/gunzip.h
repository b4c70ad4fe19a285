// What a gzip file holds, whether it has one member or several.
#pragma once

#include <zlib.h>

#include <filesystem>
#include <string>

#include "tests/support/catch.h"

namespace docmill::test {

inline std::string gunzip(const std::filesystem::path& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  REQUIRE(file != nullptr);
  std::string bytes(1 << 16, '\0');
  const int count = gzread(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  REQUIRE(count >= 0);
  gzclose(file);
  bytes.resize(static_cast<std::size_t>(count));
  return bytes;
}

}  // namespace docmill::test
