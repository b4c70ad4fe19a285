#include "shared/protocol/owner.h"

#include "shared/base/binary.h"
#include "shared/base/check.h"
#include "shared/base/hash.h"

namespace docmill {

const std::string& owner_of(const Lineage& lineage, Sequence sequence,
                            const std::vector<std::string>& sinks) {
  DOCMILL_CHECK(!sinks.empty(), "no sink for {} of {}", sequence, lineage.producer);
  std::string identity;
  BinaryWriter writer(identity);
  writer.text<std::uint8_t>(lineage.producer);
  writer.number(lineage.epoch);
  writer.number(sequence);
  const std::uint64_t seed = hash64(identity);
  const std::string* best = &sinks.front();
  std::uint64_t highest = 0;
  for (const std::string& sink : sinks) {
    const std::uint64_t score = hash64(sink, seed);
    if (score > highest || (score == highest && sink < *best)) {
      highest = score;
      best = &sink;
    }
  }
  return *best;
}

}  // namespace docmill
