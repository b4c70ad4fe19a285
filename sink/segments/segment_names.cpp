#include "sink/segments/segment_names.h"

#include <fmt/format.h>

#include <charconv>

#include "sink/file_pattern.h"

namespace docmill {
namespace {

constexpr std::size_t kNumberWidth = 6;

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
  return numbered(number);
}

std::string SegmentNames::numbered(std::uint64_t number) const {
  return fmt::format("{}-{:0{}}{}{}", stem_, number, kNumberWidth, extension_, suffix_of(packing_));
}

std::vector<std::string> SegmentNames::patterns() const {
  const std::string number = std::string(kNumberWidth - 1, kDigit) + kDigits;
  const std::string any = stem_ + '-' + number + extension_ + std::string(suffix_of(packing_));
  return {name(1), open_name(name(1)), any, open_name(any)};
}

std::optional<std::uint64_t> SegmentNames::parse(std::string_view name) const {
  std::string_view rest = name;
  if (!take_end(rest, suffix_of(packing_)) || !take_end(rest, extension_)) return std::nullopt;
  if (!rest.starts_with(stem_)) return std::nullopt;
  rest.remove_prefix(stem_.size());
  if (rest.empty()) return 1;
  std::uint64_t number = 0;
  const auto [after, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), number);
  if (error != std::errc() || number == 0 || numbered(number) != name) return std::nullopt;
  return number;
}

}  // namespace docmill
