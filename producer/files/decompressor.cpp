#include "producer/files/decompressor.h"

#include "producer/files/gzip_decompressor.h"
#include "producer/files/zstd_decompressor.h"
#include "shared/base/check.h"

namespace docmill {

Compression compression_of(std::string_view first_bytes) {
  using namespace std::string_view_literals;
  if (first_bytes.starts_with("\x1F\x8B\x08"sv)) return Compression::kGzip;
  if (first_bytes.starts_with("\x28\xB5\x2F\xFD"sv)) return Compression::kZstd;
  // A skippable frame, with which the files of parallel compressors begin.
  const bool skippable = first_bytes.size() >= 4 && (first_bytes[0] & 0xF0) == 0x50 &&
                         first_bytes.substr(1).starts_with("\x2A\x4D\x18"sv);
  return skippable ? Compression::kZstd : Compression::kNone;
}

std::unique_ptr<Decompressor> make_decompressor(Compression compression) {
  DOCMILL_CHECK(compression != Compression::kNone, "no decompressor for plain bytes");
  if (compression == Compression::kGzip) return make_gzip_decompressor();
  return make_zstd_decompressor();
}

}  // namespace docmill
