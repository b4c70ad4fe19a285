// Frames of zstd. libzstd stops here.
#pragma once

#include "sink/segments/packer.h"

namespace docmill {

std::unique_ptr<Packer> make_zstd_packer();

}  // namespace docmill
