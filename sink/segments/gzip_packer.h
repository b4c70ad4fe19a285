// Members of gzip. zlib stops here.
#pragma once

#include "sink/segments/packer.h"

namespace docmill {

std::unique_ptr<Packer> make_gzip_packer();

}  // namespace docmill
