#include "shared/protocol/owner.h"

#include "shared/base/binary.h"
#include "shared/base/check.h"
#include "shared/base/hash.h"

namespace docmill {
namespace {

const std::string& highest_of(std::uint64_t seed, const std::vector<std::string>& sinks) {
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

}  // namespace

const std::string& owner_of(const Lineage& lineage, Sequence sequence,
                            const std::vector<std::string>& sinks) {
  DOCMILL_CHECK(!sinks.empty(), "no sink for {} of {}", sequence, lineage.producer);
  std::string identity;
  BinaryWriter writer(identity);
  writer.text<std::uint8_t>(lineage.producer);
  writer.number(lineage.epoch);
  writer.number(sequence);
  return highest_of(hash64(identity), sinks);
}

const std::string& owner_of_key(std::string_view key, const std::vector<std::string>& sinks) {
  DOCMILL_CHECK(!sinks.empty(), "no sink for a key of {} bytes", key.size());
  return highest_of(hash64(key), sinks);
}

}  // namespace docmill
