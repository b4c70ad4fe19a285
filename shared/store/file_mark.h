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

struct FileMark {
  std::string path;
  std::uint64_t length = 0;
  bool ended = false;      // sets SegmentMark::ended in the same transaction; not read back
  FileIdentity file = {};  // of the file that was made for it
  FileTail tail = {};      // ends at the length
  bool own_name = false;   // it grows under its path, not under another name until it has ended

  // How the file is recognized is no part of what is committed.
  bool operator==(const FileMark& other) const {
    return path == other.path && length == other.length && ended == other.ended;
  }
};

}  // namespace docmill
