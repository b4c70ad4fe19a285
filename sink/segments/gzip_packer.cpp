#include "sink/segments/gzip_packer.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

#include "shared/base/check.h"

namespace docmill {
namespace {

constexpr int kGzip = 15 + 16;  // the largest window, and the gzip header
constexpr int kMemory = 8;      // zlib's own default
constexpr std::size_t kPiece = 256 << 10;

class GzipPacker final : public Packer {
 public:
  GzipPacker() {
    if (deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, kMemory,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~GzipPacker() override { deflateEnd(&stream_); }
  GzipPacker(const GzipPacker&) = delete;
  GzipPacker& operator=(const GzipPacker&) = delete;

  void pack(std::string_view bytes, std::string& out) override {
    deflateReset(&stream_);
    int outcome = Z_OK;
    while (outcome != Z_STREAM_END) {
      const std::size_t given =
          std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max());
      // zlib takes the input as const only where it is built so; it does not write to it.
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
      stream_.avail_in = static_cast<uInt>(given);
      const std::size_t before = out.size();
      out.resize(before + kPiece);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + before);
      stream_.avail_out = static_cast<uInt>(kPiece);
      outcome = deflate(&stream_, given == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
      DOCMILL_CHECK(outcome >= 0 || outcome == Z_BUF_ERROR, "zlib gave {}", outcome);
      bytes.remove_prefix(given - stream_.avail_in);
      out.resize(before + kPiece - stream_.avail_out);
    }
  }

 private:
  z_stream stream_{};
};

}  // namespace

std::unique_ptr<Packer> make_gzip_packer() { return std::make_unique<GzipPacker>(); }

}  // namespace docmill
