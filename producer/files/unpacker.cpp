#include "producer/files/unpacker.h"

#include <fmt/format.h>

namespace docmill {
namespace {

constexpr std::size_t kPackedBytes = 64 << 10;
constexpr std::size_t kContentBytes = 256 << 10;

}  // namespace

Unpacker::Unpacker(const KnownFile& file)
    : file_(&file),
      decompressor_(make_decompressor(file.compression)),
      packed_(kPackedBytes, '\0'),
      content_(kContentBytes, '\0') {}

Result<std::string_view> Unpacker::peek(const Raw& raw) {
  if (ready_.empty()) {
    if (const Result<void> filled = fill(raw); !filled) return filled.error();
  }
  return ready_;
}

void Unpacker::take(std::size_t bytes) {
  ready_.remove_prefix(bytes);
  offset_ += bytes;
}

Result<void> Unpacker::fill(const Raw& raw) {
  if (unread_.empty() && !at_end_) {
    const Result<std::size_t> got = raw(packed_.data(), packed_.size());
    if (!got) return got.error();
    unread_ = std::string_view(packed_.data(), *got);
    at_end_ = *got == 0;
  }
  const auto step = decompressor_->step(unread_, content_.data(), content_.size());
  if (!step) return damaged(fmt::format("is damaged ({})", step.error().text));
  unread_.remove_prefix(step->taken);
  taken_ += step->taken;
  ready_ = std::string_view(content_.data(), step->given);
  if (!ready_.empty() || !at_end_ || step->taken > 0) return {};
  if (!decompressor_->complete()) return damaged("breaks off");
  complete_ = true;
  return {};
}

Error Unpacker::damaged(std::string_view how) const {
  return malformed(fmt::format(
      "{}: the {} data {} at byte {}, after {} bytes of content; get the file whole, and "
      "give it a new name to have it read",
      file_->path, compression_name(file_->compression), how, taken_, offset_));
}

}  // namespace docmill
