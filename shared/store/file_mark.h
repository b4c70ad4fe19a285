// FileMark: how far a file is committed, and how the file is recognized.
//
// The ledger keeps it in the transaction that settles what was written. file_owner.h compares it
// with what is on the disk. A value.
#pragma once

#include <cstdint>
#include <string>

#include "shared/store/file_identity.h"

namespace docmill {

// The last bytes that were appended together, or their end.
struct FileTail {
  std::uint64_t size = 0;  // 0: not known
  std::uint64_t hash = 0;
  bool operator==(const FileTail&) const = default;
};

// Where the bytes of a file go while it is written.
enum class FileGrowth : std::uint8_t {
  kSegment = 0,  // to its path with .open at the end; a file at the path itself has ended
  kPlain = 1,    // to its path
  kFormer = 2,   // went to its path; no output appends now, and readers may change the file
};

struct FileMark {
  std::string path;
  std::uint64_t length = 0;
  bool ended = false;      // sets SegmentMark::ended in the same transaction; not read back
  FileIdentity file = {};  // of the file that was made for it
  FileTail tail = {};      // ends at the length
  FileGrowth growth = FileGrowth::kSegment;

  // Nothing is appended to the file at the path any more.
  bool has_ended() const { return file.known() && growth != FileGrowth::kPlain; }
  // How the file is recognized is no part of what is committed.
  bool operator==(const FileMark& other) const {
    return path == other.path && length == other.length && ended == other.ended;
  }
};

}  // namespace docmill
