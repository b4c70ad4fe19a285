#include "producer/files/whole_file.h"

#include <algorithm>

namespace docmill {

Result<bool> WholeFile::next(Source::Next& next) {
  if (done_) return false;
  done_ = true;
  const KnownFile& file = reader_.file();
  const bool packed = file.compression != Compression::kNone;
  // What compressed bytes expand to is known when it is too much, and then no more is expanded.
  const std::uint64_t wanted = packed                     ? limit_.count + 1
                               : file.size > limit_.count ? sample_bytes(limit_)
                                                          : file.size;
  const Result<void> read_all = read(static_cast<std::size_t>(wanted));
  if (!read_all) {
    reason_ = read_all.error().text;
  } else if (packed && bytes_.size() > limit_.count) {
    reason_ = fmt::format("larger than limits.document of {} when decompressed; raise the limit",
                          to_string(limit_));
  } else if (!packed && file.size > limit_.count) {
    reason_ = oversize_reason(file.size, limit_);
  }
  const bool dead = !reason_.empty();
  if (dead) bytes_.resize(std::min(bytes_.size(), sample_bytes(limit_)));
  next = {.state = dead ? Source::State::kDead : Source::State::kDocument,
          .document = {.format = format_of(format_, bytes_),
                       .bytes = bytes_,
                       .origin = {.source = file.path, .record = 1, .offset = 0, .line = 1}},
          .reason = reason_,
          .size = counted_size(file)};
  return true;
}

Result<void> WholeFile::read(std::size_t most) {
  constexpr std::size_t kFirst = 1 << 20;
  const bool packed = reader_.file().compression != Compression::kNone;
  bytes_.resize(packed ? std::min(kFirst, most) : most);
  std::size_t filled = 0;
  while (filled < most) {
    if (filled == bytes_.size()) bytes_.resize(std::min(2 * filled, most));
    const Result<std::size_t> got = reader_.read(bytes_.data() + filled, bytes_.size() - filled);
    if (!got || *got == 0) {  // 0: shorter than it was, or all of a compressed file
      bytes_.resize(filled);
      return got ? Result<void>() : Result<void>(got.error());
    }
    filled += *got;
  }
  return {};
}

}  // namespace docmill
