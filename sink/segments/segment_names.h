// SegmentNames: what the segments of an output are called, and which segment a name is.
//
//   out/books.json      the first one of an output that does not rotate
//   out/books-000002.json.gz
//
// Numbers count from 1 and are never used again. Names of another packing are those of another
// output, so that books.json and books.json.gz can grow side by side. A value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sink/segments/packer.h"

namespace docmill {

// What the name of a segment has at its end for as long as it grows.
inline constexpr std::string_view kOpenSuffix = ".open";
inline std::string open_name(const std::string& name) { return name + std::string(kOpenSuffix); }

class SegmentNames {
 public:
  // all_numbered: the first one too.
  SegmentNames(std::string path, bool all_numbered, Packing packing);

  std::string name(std::uint64_t number) const;
  // All names of segments, while they grow and when they have ended (file_pattern.h).
  std::vector<std::string> patterns() const;
  // The number of a segment of this output; the first one may have either name. Nothing for every
  // other file.
  std::optional<std::uint64_t> parse(std::string_view name) const;

 private:
  std::string numbered(std::uint64_t number) const;

  std::string stem_;       // "out/books"
  std::string extension_;  // ".json"
  bool all_numbered_;
  Packing packing_;
};

}  // namespace docmill
