// The Decompressor of zstd files, by libzstd.
#pragma once

#include <memory>

#include "producer/files/decompressor.h"

namespace docmill {

// A frame that wants a window above 128 MiB (`zstd --long=28` and more) is refused.
std::unique_ptr<Decompressor> make_zstd_decompressor();

}  // namespace docmill
