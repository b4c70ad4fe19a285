#include "shared/runtime/raw_message.h"

#include <fmt/format.h>

#include "shared/base/binary.h"
#include "shared/document/format_guess.h"
#include "shared/document/inflate.h"

namespace docmill {
namespace {

// Of a topic that is no frame: what is longer has no separator, rather than a long topic.
constexpr std::size_t kLongestPrefix = 4096;

Format format_of(RawFormat format, std::string_view bytes) {
  switch (format) {
    case RawFormat::kXml:
      return Format::kXml;
    case RawFormat::kJson:
      return Format::kJson;
    case RawFormat::kText:
      return Format::kText;
    case RawFormat::kAuto:
      break;
  }
  return guess_format(bytes);
}

// The NUL at its end is half of a character.
bool is_utf16(std::string_view bytes) {
  return bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF") ||
         bytes.starts_with(std::string_view("<\0", 2)) ||
         bytes.starts_with(std::string_view("\0<", 2));
}

std::optional<Packing> packing_of(RawInflate inflate, std::string_view bytes) {
  switch (inflate) {
    case RawInflate::kNone:
      return std::nullopt;
    case RawInflate::kGzip:
      return Packing::kGzip;
    case RawInflate::kZlib:
      return Packing::kZlib;
    case RawInflate::kAuto:
      break;
  }
  return guess_packing(bytes);
}

}  // namespace

Result<void> RawMessage::read(std::span<const Frame> message) {
  topic_.reset();
  sequence_.reset();
  fault_.clear();
  std::span<const Frame> frames = message;
  // What stands before its sequence is the document, and may be empty.
  const std::size_t least = config_.sequence == RawSequence::kNone ? 1 : 2;
  while (frames.size() > least && frames.front().size() == 0) frames = frames.subspan(1);
  if (auto taken = take_sequence(frames); !taken) return taken;
  if (auto taken = take_topic(frames); !taken) return taken;
  if (auto picked = pick(frames); !picked) return picked;
  if (config_.topic == TopicPlace::kPrefix) split_prefix();
  if (fault_.empty()) expand();
  if (fault_.empty()) trim();
  if (bytes_.empty() && fault_.empty())
    return malformed("expected a document, found nothing in it");
  if (bytes_.size() > largest_.count && fault_.empty()) {
    fault_ = fmt::format("expected at most {} (limits.document), found {}", to_string(largest_),
                         to_string(Bytes{bytes_.size()}));
  }
  format_ = fault_.empty() ? format_of(config_.format, bytes_) : Format::kBytes;
  return {};
}

Result<void> RawMessage::take_sequence(std::span<const Frame>& frames) {
  if (config_.sequence == RawSequence::kNone) return {};
  if (frames.size() < 2 || frames.back().size() != sizeof(std::uint32_t)) {
    return malformed(fmt::format(
        "expected a sequence of 4 bytes in a last frame, found {} frame{}, the last of {} bytes",
        frames.size(), frames.size() == 1 ? "" : "s", frames.back().size()));
  }
  BinaryReader reader(frames.back().bytes());
  sequence_ = reader.number<std::uint32_t>();
  frames = frames.first(frames.size() - 1);
  return {};
}

Result<void> RawMessage::take_topic(std::span<const Frame>& frames) {
  if (config_.topic != TopicPlace::kFrame) return {};
  if (frames.size() < 2) {
    return malformed("expected a topic and a document in frames of their own, found one frame");
  }
  topic_ = frames.front().bytes();
  frames = frames.subspan(1);
  return {};
}

Result<void> RawMessage::pick(std::span<const Frame> frames) {
  using Pick = RawPayload::Pick;
  const RawPayload& payload = config_.payload;
  if (payload.pick == Pick::kNumber && payload.number > frames.size()) {
    return malformed(fmt::format("expected a document in frame {}, found {} frame{}",
                                 payload.number, frames.size(), frames.size() == 1 ? "" : "s"));
  }
  if (payload.pick == Pick::kJoin && frames.size() > 1) {
    joined_.clear();
    for (const Frame& frame : frames) joined_ += frame.bytes();
    bytes_ = joined_;
  } else if (payload.pick == Pick::kLast) {
    bytes_ = frames.back().bytes();
  } else {
    bytes_ = frames[payload.pick == Pick::kNumber ? payload.number - 1 : 0].bytes();
  }
  return {};
}

void RawMessage::split_prefix() {
  if (config_.separator.empty()) {
    std::size_t longest = 0;
    bool found = false;
    for (const std::string& prefix : config_.subscribe) {
      if (!bytes_.starts_with(prefix) || prefix.size() < longest) continue;
      longest = prefix.size();
      found = true;
    }
    if (!found) {
      fault_ = "expected a topic that was subscribed to in front of the document, found none";
    } else {
      topic_ = bytes_.substr(0, longest);
      bytes_.remove_prefix(longest);
    }
    return;
  }
  const std::size_t end = bytes_.substr(0, kLongestPrefix).find(config_.separator);
  if (end == std::string_view::npos) {
    fault_ = "expected a topic and the separator in front of the document, found none";
    return;
  }
  topic_ = bytes_.substr(0, end);
  bytes_.remove_prefix(end + config_.separator.size());
}

void RawMessage::expand() {
  const auto packing = packing_of(config_.inflate, bytes_);
  if (!packing) return;
  if (auto done = inflate_whole(bytes_, *packing, largest_, expanded_); !done) {
    fault_ = done.error().text;
    return;
  }
  bytes_ = expanded_;
}

void RawMessage::trim() {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (bytes_.starts_with(kMark)) bytes_.remove_prefix(kMark.size());
  if (bytes_.ends_with('\0') && !is_utf16(bytes_)) bytes_.remove_suffix(1);
}

}  // namespace docmill
