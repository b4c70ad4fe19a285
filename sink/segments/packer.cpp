#include "sink/segments/packer.h"

#include "sink/segments/gzip_packer.h"
#include "sink/segments/zstd_packer.h"

namespace docmill {

std::unique_ptr<Packer> make_packer(Packing packing) {
  switch (packing) {
    case Packing::kNone:
      return nullptr;
    case Packing::kGzip:
      return make_gzip_packer();
    case Packing::kZstd:
      return make_zstd_packer();
  }
  return nullptr;
}

std::string_view suffix_of(Packing packing) {
  switch (packing) {
    case Packing::kNone:
      return "";
    case Packing::kGzip:
      return ".gz";
    case Packing::kZstd:
      return ".zst";
  }
  return "";
}

std::string_view word_of(Packing packing) {
  for (const auto& [word, value] : enum_names(packing)) {
    if (value == packing) return word;
  }
  return "";
}

Packing packing_of(std::string_view word) {
  for (const auto& [name, value] : enum_names(Packing::kNone)) {
    if (name == word) return value;
  }
  return Packing::kNone;
}

}  // namespace docmill
