// Packer: bytes to a whole compressed unit, a member of gzip or a frame of zstd, of which any
// number may follow one another in a file.
//
// A file that ends after a unit is valid, so that a cut at a commit leaves nothing torn. A
// resource; one thread. Each library stops in a file pair of its own.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace docmill {

enum class Packing : std::uint8_t { kNone, kGzip, kZstd };

constexpr std::array<std::pair<std::string_view, Packing>, 3> enum_names(Packing) {
  return {{{"none", Packing::kNone}, {"gzip", Packing::kGzip}, {"zstd", Packing::kZstd}}};
}

class Packer {
 public:
  virtual ~Packer() = default;
  // Appends the unit that holds the bytes.
  virtual void pack(std::string_view bytes, std::string& out) = 0;
};

// Null for kNone.
std::unique_ptr<Packer> make_packer(Packing packing);
// "", ".gz" or ".zst": the end of the names of such files.
std::string_view suffix_of(Packing packing);
// The word of the settings: "gzip".
std::string_view word_of(Packing packing);
// kNone for a word that is not one of these.
Packing packing_of(std::string_view word);

}  // namespace docmill
