#include "shared/document/inflate.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace docmill {
namespace {

constexpr int kWindow = 15;      // the largest
constexpr int kGzipHeader = 16;  // added to it
constexpr std::size_t kPiece = 64 << 10;

class Stream {
 public:
  explicit Stream(Packing packing) {
    if (inflateInit2(&stream_, kWindow + (packing == Packing::kGzip ? kGzipHeader : 0)) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~Stream() { inflateEnd(&stream_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  z_stream& operator*() { return stream_; }
  z_stream* operator->() { return &stream_; }

 private:
  z_stream stream_{};
};

std::string_view name_of(Packing packing) { return packing == Packing::kGzip ? "gzip" : "zlib"; }

}  // namespace

std::optional<Packing> guess_packing(std::string_view bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  if (first == 0x1F && second == 0x8B) return Packing::kGzip;
  if (first == 0x78 && (first * 256U + second) % 31 == 0) return Packing::kZlib;
  return std::nullopt;
}

Result<void> inflate_whole(std::string_view packed, Packing packing, Bytes most, std::string& out) {
  out.clear();
  Stream stream(packing);
  // zlib takes the input as const only where it is built so; it does not write to it.
  stream->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream->avail_in =
      static_cast<uInt>(std::min<std::size_t>(packed.size(), std::numeric_limits<uInt>::max()));
  for (int outcome = Z_OK; outcome != Z_STREAM_END;) {
    const std::size_t before = out.size();
    // One byte more than the limit tells what is too large from what just fits.
    const std::size_t room = std::min<std::uint64_t>(kPiece, most.count - before + 1);
    out.resize(before + room);
    stream->next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream->avail_out = static_cast<uInt>(room);
    outcome = inflate(&*stream, Z_NO_FLUSH);
    out.resize(before + room - stream->avail_out);
    if (outcome == Z_MEM_ERROR) throw std::bad_alloc();
    if (out.size() > most.count) {
      return malformed(
          fmt::format("{} of more than {} (limits.document)", name_of(packing), to_string(most)));
    }
    if (outcome == Z_BUF_ERROR) {
      return malformed(fmt::format("{}: cut off after {} bytes", name_of(packing), packed.size()));
    }
    if (outcome != Z_OK && outcome != Z_STREAM_END) {
      return malformed(fmt::format("{}: {}", name_of(packing),
                                   stream->msg != nullptr ? stream->msg : zError(outcome)));
    }
  }
  if (stream->avail_in == 0) return {};
  return malformed(fmt::format("{}: {} bytes behind its end", name_of(packing), stream->avail_in));
}

}  // namespace docmill
