#include "shared/protocol/division.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "shared/base/check.h"
#include "shared/document/notes.h"
#include "shared/protocol/owner.h"

namespace docmill {
namespace {

// A key as a reason shows it.
constexpr std::size_t kShownKey = 60;

std::string shown(std::string_view key) {
  if (key.size() <= kShownKey) return fmt::format("'{}'", key);
  std::size_t end = kShownKey;
  while (end > 0 && (static_cast<unsigned char>(key[end]) & 0xC0) == 0x80) --end;
  return fmt::format("'{}...'", key.substr(0, end));
}

struct Keys {
  std::optional<std::string> first;
  std::optional<std::string> other;
};

Keys keys_of(std::string_view made) {
  Keys keys;
  PayloadReader reader(made);
  Entry entry;
  for (auto more = reader.next(entry); more && *more; more = reader.next(entry)) {
    if (entry.kind != EntryKind::kDocument || entry.document.notes.empty()) continue;
    auto key = find_note(entry.document.notes, kKeyNote);
    if (!key) continue;
    if (!keys.first) {
      keys.first = std::move(key);
    } else if (*key != *keys.first) {
      keys.other = std::move(key);
      return keys;
    }
  }
  return keys;
}

void copy(std::string_view made, PayloadWriter& out) {
  PayloadReader reader(made);
  Entry entry;
  for (auto more = reader.next(entry); more && *more; more = reader.next(entry)) {
    switch (entry.kind) {
      case EntryKind::kDead:
        out.dead(entry.index, entry.document, entry.reason);
        break;
      case EntryKind::kFiltered:
        out.filtered(entry.index);
        break;
      default:
        out.document(entry.index, entry.document);
    }
  }
}

}  // namespace

Division::Division(const BatchHeader& header, Bytes largest)
    : header_(header), largest_(largest), parts_(header.sinks.size()) {
  DOCMILL_CHECK(header.keyed && !header.sinks.empty(), "batch {} of {} is not keyed",
                header.sequence, header.lineage.producer);
}

void Division::add(std::uint32_t index, const DocumentView& input, std::string_view made) {
  const Keys keys = keys_of(made);
  const std::string& owner = keys.first && !keys.other
                                 ? owner_of_key(*keys.first, header_.sinks)
                                 : owner_of(header_.lineage, header_.sequence, header_.sinks);
  Part& part = part_for(owner, index, made.size());
  if (!keys.other) return copy(made, part.payload);
  part.payload.dead(
      index, input,
      fmt::format("transformer: its outputs have different keys, {} and {}; with 'partition: key' "
                  "all outputs of a document go to one sink",
                  shown(*keys.first), shown(*keys.other)));
}

void Division::add_void(std::uint32_t index) {
  for (const std::string& sink : header_.sinks) part_for(sink, index, 0).payload.filtered(index);
}

Division::Part& Division::part_for(const std::string& sink, std::uint32_t index,
                                   std::size_t bytes) {
  const auto place = static_cast<std::size_t>(
      std::find(header_.sinks.begin(), header_.sinks.end(), sink) - header_.sinks.begin());
  if (parts_[place].payload.size() + bytes > largest_.count) close(place);
  Part& part = parts_[place];
  if (!part.share.empty() && part.share.back().end == index) {
    ++part.share.back().end;
  } else {
    part.share.push_back({index, index + 1});
  }
  return part;
}

void Division::close(std::size_t sink) {
  Part& part = parts_[sink];
  if (part.share.empty()) return;
  Message& message = full_.emplace_back(Message{header_.sinks[sink], header_, {}});
  message.header.share = std::exchange(part.share, {});
  message.payload = part.payload.take();
}

std::vector<Division::Message> Division::take_rest() {
  for (std::size_t sink = 0; sink < parts_.size(); ++sink) close(sink);
  return take_full();
}

}  // namespace docmill
