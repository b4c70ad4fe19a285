// How far a file is committed. The ledger keeps it in the transaction that settles what was
// written.
#pragma once

#include <cstdint>
#include <string>

namespace docmill {

struct FileMark {
  std::string path;
  std::uint64_t length = 0;
  bool ended = false;  // sets SegmentMark::ended in the same transaction; not read back
  bool operator==(const FileMark&) const = default;
};

}  // namespace docmill
