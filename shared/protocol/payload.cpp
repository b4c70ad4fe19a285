#include "shared/protocol/payload.h"

#include <fmt/format.h>

#include <cstring>
#include <limits>
#include <utility>

#include "shared/base/binary.h"
#include "shared/base/check.h"

namespace docmill {
namespace {

//  offset  size  field of an entry
//       0     1  kind: 1 document, 2 dead, 3 filtered, 4 source
//       1     1  format of the document
//       2     2  source: the number of a source entry before this one, from 0
//       4     4  index of the input document
//       8     4  document bytes
//      12     4  reason bytes
//      16     8  record number in the source
//      24     8  byte offset in the source
//      32     8  line in the source
//      40     4  notes bytes
//      44        document, notes, reason
//
// A source entry holds a source's name as its document; entries after it refer to it by number.
constexpr std::size_t kSourceAt = 2;
constexpr std::size_t kIndexAt = 4;
constexpr std::size_t kDocumentSizeAt = 8;
constexpr std::size_t kReasonSizeAt = 12;
constexpr std::size_t kOriginAt = 16;
constexpr std::size_t kNotesSizeAt = 40;
constexpr std::size_t kBodyAt = PayloadWriter::kEntryBytes;
constexpr std::uint8_t kFormats = 4;

}  // namespace

void PayloadWriter::begin(EntryKind kind, std::uint32_t index, Format format,
                          const Origin& origin) {
  const std::uint16_t source =
      kind == EntryKind::kSource ? std::uint16_t{0} : source_number(origin.source);
  entry_at_ = out_.size();
  const std::uint8_t what[] = {static_cast<std::uint8_t>(kind), static_cast<std::uint8_t>(format)};
  const std::uint64_t where[] = {origin.record, origin.offset, origin.line};
  char head[kBodyAt] = {};
  std::memcpy(head, what, sizeof what);
  std::memcpy(head + kSourceAt, &source, sizeof source);
  std::memcpy(head + kIndexAt, &index, sizeof index);
  std::memcpy(head + kOriginAt, where, sizeof where);
  out_.append(head, sizeof head);
}

void PayloadWriter::end(std::string_view notes, std::string_view reason) {
  const auto put_size = [this](std::size_t at, std::size_t size) {
    DOCMILL_CHECK(size <= std::numeric_limits<std::uint32_t>::max(), "a part of {} bytes", size);
    const auto number = static_cast<std::uint32_t>(size);
    std::memcpy(out_.data() + entry_at_ + at, &number, sizeof number);
  };
  put_size(kDocumentSizeAt, out_.size() - entry_at_ - kBodyAt);
  put_size(kNotesSizeAt, notes.size());
  put_size(kReasonSizeAt, reason.size());
  out_ += notes;
  out_ += reason;
}

std::optional<std::uint16_t> PayloadWriter::known_source(std::string_view name) const {
  // Documents come source by source, so the last one is nearly always the one.
  if (!sources_.empty() && sources_.back() == name) {
    return static_cast<std::uint16_t>(sources_.size() - 1);
  }
  const auto found = numbers_.find(name);
  if (found == numbers_.end()) return std::nullopt;
  if (found->second >= sources_.size() || sources_[found->second] != name) return std::nullopt;
  return found->second;
}

bool PayloadWriter::has_room_for(std::string_view source) const {
  return sources_.size() < kMaxSources || known_source(source).has_value();
}

std::uint16_t PayloadWriter::source_number(std::string_view name) {
  if (const auto known = known_source(name)) return *known;
  DOCMILL_CHECK(sources_.size() < kMaxSources, "{} sources in one batch", sources_.size());
  begin(EntryKind::kSource, 0, Format::kText, {});
  out_ += name;
  end({}, {});
  const auto number = static_cast<std::uint16_t>(sources_.size());
  sources_.emplace_back(name);
  numbers_.insert_or_assign(sources_.back(), number);
  return number;
}

void PayloadWriter::document(std::uint32_t index, const DocumentView& document) {
  begin_document(index, document.format, document.origin) += document.bytes;
  end_document(document.notes);
}

std::string& PayloadWriter::begin_document(std::uint32_t index, Format format,
                                           const Origin& origin) {
  begin(EntryKind::kDocument, index, format, origin);
  return out_;
}

void PayloadWriter::end_document(std::string_view notes) { end(notes, {}); }

void PayloadWriter::rewind(Mark mark) {
  out_.resize(mark.bytes);
  sources_.resize(mark.sources);
}

void PayloadWriter::dead(std::uint32_t index, const DocumentView& document,
                         std::string_view reason) {
  begin(EntryKind::kDead, index, document.format, document.origin);
  out_ += document.bytes;
  end(document.notes, reason);
}

void PayloadWriter::filtered(std::uint32_t index) {
  begin(EntryKind::kFiltered, index, Format::kBytes, {});
  end({}, {});
}

std::string PayloadWriter::take() {
  sources_.clear();
  numbers_.clear();
  // The next one will be about as large; growing to that would copy it again and again.
  std::string next;
  next.reserve(out_.size() + out_.size() / 8);
  return std::exchange(out_, std::move(next));
}

Result<bool> PayloadReader::next(Entry& entry) {
  while (!left_.empty()) {
    BinaryReader in(left_);
    const auto kind = in.number<std::uint8_t>();
    const auto format = in.number<std::uint8_t>();
    const auto source = in.number<std::uint16_t>();
    entry.index = in.number<std::uint32_t>();
    const auto document_size = in.number<std::uint32_t>();
    const auto reason_size = in.number<std::uint32_t>();
    entry.document.origin.record = in.number<std::uint64_t>();
    entry.document.origin.offset = in.number<std::uint64_t>();
    entry.document.origin.line = in.number<std::uint64_t>();
    const auto notes_size = in.number<std::uint32_t>();
    entry.document.bytes = in.bytes(document_size);
    entry.document.notes = in.bytes(notes_size);
    entry.reason = in.bytes(reason_size);
    const bool is_source = kind == static_cast<std::uint8_t>(EntryKind::kSource);
    if (!in.ok() || kind < 1 || kind > 4 || format >= kFormats ||
        (!is_source && source >= sources_.size())) {
      return malformed(fmt::format("the payload is damaged {} bytes before its end", left_.size()));
    }
    left_ = in.left();
    if (is_source) {
      if (sources_.size() == kMaxSources) {
        return malformed(
            fmt::format("expected at most {} sources in the payload, found more", kMaxSources));
      }
      sources_.push_back(entry.document.bytes);
      continue;
    }
    entry.kind = static_cast<EntryKind>(kind);
    entry.document.format = static_cast<Format>(format);
    entry.document.origin.source = sources_[source];
    return true;
  }
  return false;
}

std::string entries_of(std::string_view payload, const Share& share) {
  PayloadReader reader(payload);
  PayloadWriter out;
  Entry entry;
  for (auto more = reader.next(entry); more && *more; more = reader.next(entry)) {
    if (!contains(share, entry.index)) continue;
    if (entry.kind == EntryKind::kDead) {
      out.dead(entry.index, entry.document, entry.reason);
    } else {
      out.document(entry.index, entry.document);
    }
  }
  return out.take();
}

}  // namespace docmill
