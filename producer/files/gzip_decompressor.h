// The Decompressor of gzip files, by zlib.
#pragma once

#include <memory>

#include "producer/files/decompressor.h"

namespace docmill {

// Zero bytes after the last member are padding and passed over.
std::unique_ptr<Decompressor> make_gzip_decompressor();

}  // namespace docmill
