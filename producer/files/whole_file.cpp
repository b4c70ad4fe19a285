#include "producer/files/whole_file.h"

#include <algorithm>

namespace docmill {

Result<FileStep> WholeFile::next(Source::Next& next) {
  if (done_) return FileStep::kEnd;
  reader_.begin_step();
  const KnownFile& file = reader_.file();
  const bool packed = file.compression != Compression::kNone;
  // What compressed bytes expand to is known when it is too much, and then no more is expanded.
  const std::uint64_t wanted = packed                     ? limit_.count + 1
                               : file.size > limit_.count ? sample_bytes(limit_)
                                                          : file.size;
  const Result<bool> read_all = read(static_cast<std::size_t>(wanted));
  if (!read_all && read_all.error().code == ErrorCode::kUnavailable) return read_all.error();
  if (read_all && !*read_all) return FileStep::kBusy;
  if (!read_all) {
    reason_ = read_all.error().text;
  } else if (packed && bytes_.size() > limit_.count) {
    reason_ = fmt::format("larger than limits.document of {} when decompressed; raise the limit",
                          to_string(limit_));
  } else if (!packed && file.size > limit_.count) {
    reason_ = oversize_reason(file.size, limit_);
  }
  const bool dead = !reason_.empty();
  if (!read_all) bytes_ = bytes_.substr(0, static_cast<std::size_t>(limit_.count));
  if (read_all && dead) {
    bytes_ = bytes_.substr(0, sample_bytes(limit_));
    // Of packed content the end is not known, and a bomb has none worth waiting for.
    const std::uint64_t end = packed ? limit_.count : file.size;
    const auto hashed = hash_.of(0, end);
    if (!hashed) return hashed.error();
    if (!*hashed) return FileStep::kBusy;
    reason_ += whereabouts(bytes_.size(), 0, end, (*hashed)->bytes, (*hashed)->hash);
  }
  done_ = true;
  next = {.state = dead ? Source::State::kDead : Source::State::kDocument,
          .document = {.format = format_of(format_, bytes_),
                       .bytes = bytes_,
                       .origin = {.source = file.path, .record = 1, .offset = 0, .line = 1}},
          .reason = reason_,
          .size = counted_size(file)};
  return FileStep::kDocument;
}

Result<bool> WholeFile::read(std::size_t most) {
  constexpr std::size_t kFirst = 1 << 20;
  const bool packed = reader_.file().compression != Compression::kNone;
  std::vector<char>& memory = *memory_;
  const std::size_t first = packed ? std::min(kFirst, most) : most;
  if (memory.size() < first) memory.resize(first);
  while (!read_ && filled_ < most) {
    if (filled_ == memory.size()) memory.resize(std::min(2 * filled_, most));
    const auto got = reader_.read(memory.data() + filled_, std::min(memory.size(), most) - filled_);
    if (!got) {
      bytes_ = std::string_view(memory.data(), filled_);
      return got.error();
    }
    if (got->bytes == 0 && !got->at_end) return false;
    filled_ += got->bytes;
    read_ = got->at_end;  // shorter than it was, or all of a compressed file
  }
  bytes_ = std::string_view(memory.data(), filled_);
  return true;
}

}  // namespace docmill
