#include "sink/segments/zstd_packer.h"

#include <zstd.h>

#include <new>

#include "shared/base/check.h"

namespace docmill {
namespace {

class ZstdPacker final : public Packer {
 public:
  ZstdPacker() : context_(ZSTD_createCCtx()) {
    if (context_ == nullptr) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
  }

  void pack(std::string_view bytes, std::string& out) override {
    const std::size_t before = out.size();
    out.resize(before + ZSTD_compressBound(bytes.size()));
    const std::size_t size = ZSTD_compress2(context_.get(), out.data() + before,
                                            out.size() - before, bytes.data(), bytes.size());
    DOCMILL_CHECK(ZSTD_isError(size) == 0, "{}", ZSTD_getErrorName(size));
    out.resize(before + size);
  }

 private:
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };

  std::unique_ptr<ZSTD_CCtx, Free> context_;
};

}  // namespace

std::unique_ptr<Packer> make_zstd_packer() { return std::make_unique<ZstdPacker>(); }

}  // namespace docmill
