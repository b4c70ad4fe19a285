// Expands a document that is compressed as a whole: gzip (RFC 1952) or zlib (RFC 1950). Pure
// functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/base/units.h"

namespace docmill {

enum class Packing { kGzip, kZlib };

// How the bytes seem to be compressed, by their beginning; nothing when they seem not to be.
// Neither XML nor JSON begins like that.
std::optional<Packing> guess_packing(std::string_view bytes);

// What is in it, in place of what `out` held. kMalformed: it is damaged, cut off or goes on behind
// its end, or holds more than `most`.
Result<void> inflate_whole(std::string_view packed, Packing packing, Bytes most, std::string& out);

}  // namespace docmill
