// What the server answers by itself, without asking its handler. Pure functions.
#pragma once

#include "producer/http/http_exchange.h"
#include "shared/base/units.h"

namespace docmill {

// A body of more than that many bytes.
HttpAnswer too_large(Bytes most);
// All bodies together are above the limit.
HttpAnswer crowded();
// The request gives two lengths for its body.
HttpAnswer two_lengths();

}  // namespace docmill
