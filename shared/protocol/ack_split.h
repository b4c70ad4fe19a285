// Divides an ack among messages of a limited size.
#pragma once

#include <cstddef>
#include <vector>

#include "shared/protocol/records.h"

namespace docmill {

// Acks that together say the same, each of at most that many bytes when it is encoded (but at least
// one span). An entry that is larger becomes several of the same batch and attempt, each with some
// of its spans; the producer adds them up as it does with shares. bytes: at least 1 KiB.
std::vector<Ack> split(Ack ack, std::size_t bytes);

}  // namespace docmill
