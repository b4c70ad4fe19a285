#include "producer/files/gzip_decompressor.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>
#include <string>

namespace docmill {
namespace {

constexpr int kGzipOnly = 15 + 16;  // the largest window, and the gzip header

class GzipDecompressor final : public Decompressor {
 public:
  GzipDecompressor() {
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~GzipDecompressor() override { inflateEnd(&stream_); }
  GzipDecompressor(const GzipDecompressor&) = delete;
  GzipDecompressor& operator=(const GzipDecompressor&) = delete;

  Result<Step> step(std::string_view packed, char* into, std::size_t most) override {
    if (!failure_.empty()) return malformed(failure_);
    if (between_members_) {
      if (packed.empty()) return Step{};
      if (packed.front() == '\0' && members_ > 0) {
        return Step{.taken = std::min(packed.find_first_not_of('\0'), packed.size()), .given = 0};
      }
      inflateReset(&stream_);
      between_members_ = false;
    }
    return inflate_piece(packed, into, most);
  }

  bool complete() const override { return between_members_; }

 private:
  Result<Step> inflate_piece(std::string_view packed, char* into, std::size_t most) {
    constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
    // zlib takes the input as const only where it is built so; it does not write to it.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream_.avail_in = static_cast<uInt>(std::min(packed.size(), kMost));
    stream_.next_out = reinterpret_cast<Bytef*>(into);
    stream_.avail_out = static_cast<uInt>(std::min(most, kMost));
    const int outcome = inflate(&stream_, Z_NO_FLUSH);
    const Step step{
        .taken = static_cast<std::size_t>(reinterpret_cast<char*>(stream_.next_in) - packed.data()),
        .given = static_cast<std::size_t>(reinterpret_cast<char*>(stream_.next_out) - into)};
    if (outcome == Z_MEM_ERROR) throw std::bad_alloc();
    if (outcome == Z_STREAM_END) {
      between_members_ = true;
      ++members_;
    } else if (outcome != Z_OK && outcome != Z_BUF_ERROR) {
      failure_ = stream_.msg != nullptr ? stream_.msg : zError(outcome);
      if (step.given == 0) return malformed(failure_);
    }
    return step;
  }

  z_stream stream_{};
  bool between_members_ = true;
  std::size_t members_ = 0;  // that ended
  std::string failure_;      // told when all before it was given
};

}  // namespace

std::unique_ptr<Decompressor> make_gzip_decompressor() {
  return std::make_unique<GzipDecompressor>();
}

}  // namespace docmill
