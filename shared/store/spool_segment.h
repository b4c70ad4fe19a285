// SpoolSegment: one file of a Spool - its name, the layout of its records, and a reader that passes
// over what is damaged.
//
// The name holds what must be known when the content is not to be trusted:
//
//   1-ORDINAL-NONCE.open                 is appended to, or was when its process died
//   1-ORDINAL-NONCE-COUNT-BYTES.whole    is complete: COUNT records, BYTES bytes
//
// 1 is the version; the others are 16 hex digits each. Ordinals count from 1 without gaps and are
// never used again. Records follow one another (little-endian):
//
//   | magic u32 | key size u32 | index u32 | group u32 | size u64 | body hash u64 | header hash u64
//   | | key | bytes |
//
// index: of the record in its segment, from 0, without gaps; group: the index of the first record
// that became durable together with it. The hashes are XXH3 of the key and the bytes, and of the
// header before its hash, seeded with the nonce: bytes inside a document can look like a record,
// but not like one of this segment.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/store/disk_file.h"

namespace docmill {

// A value.
struct SpoolSegment {
  std::uint64_t ordinal = 0;
  std::uint64_t nonce = 0;
  bool whole = false;
  std::uint64_t count = 0;  // of a whole one: records
  std::uint64_t bytes = 0;  // of a whole one
  bool operator==(const SpoolSegment&) const = default;
};

// The number of a record: the ordinal of its segment and its index there. Each life of a spool
// begins another segment, so that a number that was lost with the end of a file is not given again.
constexpr std::uint64_t number_of(std::uint64_t ordinal, std::uint64_t index) {
  return ordinal << 32 | index;
}
constexpr std::uint64_t ordinal_of(std::uint64_t number) { return number >> 32; }
constexpr std::uint64_t last_of(const SpoolSegment& segment) {  // which has records
  return number_of(segment.ordinal, segment.count - 1);
}

constexpr std::string_view kSpoolVersion = "1-";
std::string name_of(const SpoolSegment& segment);
// None when it is not the name of a segment of this version.
std::optional<SpoolSegment> parse_segment_name(std::string_view name);

struct SpoolRecord {
  std::uint32_t index = 0;
  std::uint32_t group = 0;
  std::string_view key;
  std::string_view bytes;
};

constexpr std::uint64_t kSpoolHeaderBytes = 40;
// Appends it as it stands in a segment of that nonce.
void encode(const SpoolRecord& record, std::uint64_t nonce, std::string& out);

// Goes through a segment once. One thread; a resource.
class SpoolReader {
 public:
  enum class State { kRecord, kDamage, kEnd };
  struct Step {
    State state = State::kEnd;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;  // of the segment, from the offset on
    SpoolRecord record;       // valid until the next call
  };

  // length: nothing behind it is looked at. kCorrupt: the file cannot be opened.
  static Result<SpoolReader> open(Disk& disk, const std::filesystem::path& path,
                                  std::uint64_t nonce, std::uint64_t length);

  // A damaged stretch ends where the next record begins; its length is not to be had from it, so
  // that is looked for. What the disk cannot read is damage, too. kCorrupt: the file cannot be
  // read.
  Result<Step> next();
  // More was written: it goes on up to there.
  void extend(std::uint64_t length) { length_ = length; }

 private:
  struct Header {
    std::uint32_t index = 0;
    std::uint32_t group = 0;
    std::uint64_t key_size = 0;
    std::uint64_t size = 0;
    std::uint64_t body_hash = 0;
  };

  SpoolReader(std::string path, DiskFile file, std::uint64_t nonce, std::uint64_t length)
      : path_(std::move(path)), file_(std::move(file)), nonce_(nonce), length_(length) {}

  // The bytes there, valid until the next call; fewer where the segment ends.
  Result<std::string_view> view(std::uint64_t offset, std::uint64_t size);
  // Puts zeros where the disk gave nothing, to the end of its block; how many.
  std::size_t blank(std::uint64_t offset, std::size_t at);
  // The header there, if there is one whose record ends within the segment and was not passed.
  Result<std::optional<Header>> header_at(std::uint64_t offset);
  Result<std::uint64_t> next_header(std::uint64_t offset);

  std::string path_;
  DiskFile file_;
  std::uint64_t nonce_;
  std::uint64_t length_;
  std::uint64_t offset_ = 0;
  std::uint64_t least_index_ = 0;  // of a record that may follow
  std::string buffer_;
  std::uint64_t buffered_ = 0;  // the offset of buffer_
};

}  // namespace docmill
