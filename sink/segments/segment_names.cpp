#include "sink/segments/segment_names.h"

#include <fmt/format.h>

#include <charconv>

namespace docmill {
namespace {

constexpr std::size_t kDigits = 6;

// Takes the end off the text, if it has it.
bool take_end(std::string_view& text, std::string_view end) {
  if (!text.ends_with(end)) return false;
  text.remove_suffix(end.size());
  return true;
}

}  // namespace

SegmentNames::SegmentNames(std::string path, bool all_numbered, Packing packing)
    : all_numbered_(all_numbered), packing_(packing) {
  std::string_view plain = path;
  if (packing != Packing::kNone) take_end(plain, suffix_of(packing));
  const std::size_t name = plain.find_last_of('/') + 1;  // npos + 1 is 0
  const std::size_t dot = plain.find_last_of('.');
  // A dot at the beginning hides a file; it does not begin an extension.
  const std::size_t end = dot == plain.npos || dot <= name ? plain.size() : dot;
  stem_ = plain.substr(0, end);
  extension_ = plain.substr(end);
}

std::string SegmentNames::name(std::uint64_t number) const {
  if (number == 1 && !all_numbered_) return stem_ + extension_ + std::string(suffix_of(packing_));
  return fmt::format("{}-{:0{}}{}{}", stem_, number, kDigits, extension_, suffix_of(packing_));
}

std::optional<SegmentNames::Segment> SegmentNames::parse(std::string_view name) const {
  Segment segment;
  for (const Packing packing : {Packing::kGzip, Packing::kZstd}) {
    if (take_end(name, suffix_of(packing))) {
      segment.packing = packing;
      break;
    }
  }
  if (!take_end(name, extension_) || !name.starts_with(stem_)) return std::nullopt;
  name.remove_prefix(stem_.size());
  if (name.empty()) {
    segment.number = 1;
    return segment;
  }
  if (name.front() != '-' || name.size() <= kDigits) return std::nullopt;
  const char* end = name.data() + name.size();
  const auto [after, error] = std::from_chars(name.data() + 1, end, segment.number);
  if (error != std::errc() || after != end || segment.number == 0) return std::nullopt;
  return segment;
}

}  // namespace docmill
