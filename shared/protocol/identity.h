// The names of things on the wire: what exactly once is counted by.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace docmill {

// Counts the batches of one epoch of a producer, from 1.
using Sequence = std::uint64_t;

// One start of a producer: a durable counter, and a nonce that tells two holders of one counter
// apart.
struct Run {
  std::uint32_t counter = 0;
  std::uint64_t nonce = 0;
  bool operator==(const Run&) const = default;
};

// A producer's life with one state folder: the epoch is made with the folder; a later one is
// greater.
struct Lineage {
  std::string producer;
  std::uint64_t epoch = 0;
  auto operator<=>(const Lineage&) const = default;
};

}  // namespace docmill
