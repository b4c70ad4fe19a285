#include "producer/files/whole_file.h"

namespace docmill {

Result<bool> WholeFile::next(Source::Next& next) {
  if (done_) return false;
  done_ = true;
  const KnownFile& file = reader_.file();
  const bool oversize = file.size > limit_.count;
  const std::size_t size = oversize ? sample_bytes(limit_) : static_cast<std::size_t>(file.size);
  if (memory_->size() < size) memory_->resize(size);
  std::size_t filled = 0;
  while (filled < size) {
    const Result<std::size_t> got = reader_.read(memory_->data() + filled, size - filled);
    if (!got) return got.error();
    if (*got == 0) break;  // shorter than it was
    filled += *got;
  }
  const std::string_view bytes(memory_->data(), filled);
  if (oversize) reason_ = oversize_reason(file.size, limit_);
  next = {.state = oversize ? Source::State::kDead : Source::State::kDocument,
          .document = {.format = format_of(format_, bytes),
                       .bytes = bytes,
                       .origin = {.source = file.path, .record = 1, .offset = 0, .line = 1}},
          .reason = reason_,
          .size = file.size};
  return true;
}

}  // namespace docmill
