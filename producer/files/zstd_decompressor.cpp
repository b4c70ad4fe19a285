#include "producer/files/zstd_decompressor.h"

#include <zstd.h>

#include <algorithm>
#include <cctype>
#include <new>
#include <string>

namespace docmill {
namespace {

class ZstdDecompressor final : public Decompressor {
 public:
  ZstdDecompressor() : stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) throw std::bad_alloc();
    hint_ = first_bytes_ = ZSTD_initDStream(stream_.get());
  }

  // Libzstd loses what it has given in a call that fails. So it gets only the bytes that it asks
  // for: a block a call, and the blocks before the damaged one are given.
  Result<Step> step(std::string_view packed, char* into, std::size_t most) override {
    ZSTD_inBuffer in{packed.data(), std::min(packed.size(), hint_), 0};
    ZSTD_outBuffer out{into, most, 0};
    if (in.size == 0 && complete_) return Step{};
    const std::size_t outcome = ZSTD_decompressStream(stream_.get(), &out, &in);
    if (ZSTD_isError(outcome) != 0) {
      std::string text = ZSTD_getErrorName(outcome);
      text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
      return malformed(std::move(text));
    }
    complete_ = outcome == 0;
    hint_ = complete_ ? first_bytes_ : outcome;
    return Step{.taken = in.pos, .given = out.pos};
  }

  bool complete() const override { return complete_; }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };

  std::unique_ptr<ZSTD_DStream, Free> stream_;
  std::size_t first_bytes_ = 0;  // that a frame's decoding begins with
  std::size_t hint_ = 0;         // bytes that it asked for
  bool complete_ = true;
};

}  // namespace

std::unique_ptr<Decompressor> make_zstd_decompressor() {
  return std::make_unique<ZstdDecompressor>();
}

}  // namespace docmill
