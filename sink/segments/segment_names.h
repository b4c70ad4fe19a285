// SegmentNames: what the segments of an output are called, and which segment a name is.
//
//   out/books.json      the first one of an output that does not rotate
//   out/books-000002.json.gz
//
// Numbers count from 1 and are never used again. A name in the ledger says all that must be known
// of a segment whose settings have changed since. A value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sink/segments/packer.h"

namespace docmill {

// What the name of a segment has at its end for as long as it grows.
inline constexpr std::string_view kOpenSuffix = ".open";

class SegmentNames {
 public:
  struct Segment {
    std::uint64_t number = 0;
    Packing packing = Packing::kNone;
  };

  // all_numbered: the first one too.
  SegmentNames(std::string path, bool all_numbered, Packing packing);

  std::string name(std::uint64_t number) const;
  // Nothing when it is no segment of this output.
  std::optional<Segment> parse(std::string_view name) const;

 private:
  std::string stem_;       // "out/books"
  std::string extension_;  // ".json"
  bool all_numbered_;
  Packing packing_;
};

}  // namespace docmill
