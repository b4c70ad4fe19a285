// The second frame of a batch: its documents, packed one after the other.
//
// Before a transformer these are the inputs, one for each index; after it the outputs, none to many
// for each index: documents, dead letters, and a note for each input that was filtered. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "shared/base/result.h"
#include "shared/document/document.h"
#include "shared/protocol/share.h"

namespace docmill {

// What an entry is. The value is on the wire.
enum class EntryKind : std::uint8_t { kDocument = 1, kDead = 2, kFiltered = 3, kSource = 4 };

struct Entry {
  EntryKind kind = EntryKind::kDocument;
  std::uint32_t index = 0;  // of the input document in its batch
  DocumentView document;    // for a dead letter: the document that could not be processed
  std::string_view reason;  // for a dead letter: "stage: error"
};

// How many different sources the entries of a payload may name.
inline constexpr std::size_t kMaxSources = 65536;

// Builds a payload in one growing buffer.
class PayloadWriter {
 public:
  // What an entry takes beside its parts; the name of a source is an entry of its own.
  static constexpr std::size_t kEntryBytes = 44;

  void document(std::uint32_t index, const DocumentView& document);
  // The document's bytes are appended to the string that is returned; then end_document().
  std::string& begin_document(std::uint32_t index, Format format, const Origin& origin);
  void end_document(std::string_view notes = {});
  void dead(std::uint32_t index, const DocumentView& document, std::string_view reason);
  void filtered(std::uint32_t index);

  // What was written since a mark can be taken back, also a document that was begun.
  struct Mark {
    std::size_t bytes = 0;
    std::size_t sources = 0;
  };
  Mark mark() const { return {out_.size(), sources_.size()}; }
  void rewind(Mark mark);

  // Whether another entry may name the source: at most kMaxSources different ones fit.
  bool has_room_for(std::string_view source) const;
  // The one that was named first most recently; there must be one.
  std::string_view last_source() const { return sources_.back(); }
  std::size_t size() const { return out_.size(); }
  std::string_view bytes() const { return out_; }
  void reserve(std::size_t bytes) { out_.reserve(bytes); }
  // Hands the payload over and begins anew.
  std::string take();

 private:
  void begin(EntryKind kind, std::uint32_t index, Format format, const Origin& origin);
  void end(std::string_view notes, std::string_view reason);
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const {
      return std::hash<std::string_view>()(name);
    }
  };

  std::optional<std::uint16_t> known_source(std::string_view name) const;
  std::uint16_t source_number(std::string_view name);

  std::string out_;
  std::vector<std::string> sources_;
  // By name. After a rewind it may have names that are not in sources_ any more.
  std::unordered_map<std::string, std::uint16_t, Hash, std::equal_to<>> numbers_;
  std::size_t entry_at_ = 0;
};

// Walks a payload. The views point into it.
class PayloadReader {
 public:
  explicit PayloadReader(std::string_view payload) : left_(payload) {}

  // The next entry (never a kSource), or false at the end. An Error says where the payload is
  // damaged.
  Result<bool> next(Entry& entry);

 private:
  std::string_view left_;
  std::vector<std::string_view> sources_;
};

// A payload with the entries whose index is in the share. Entries that cannot be read are left out.
std::string entries_of(std::string_view payload, const Share& share);

}  // namespace docmill
