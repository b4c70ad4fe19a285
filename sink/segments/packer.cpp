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

}  // namespace docmill
