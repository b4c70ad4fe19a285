// The decoders read what anybody may send: 100,000 seeded mutations of good frames each, with the
// hash made right again, so that it is the parsing that has to be safe. Run under the sanitizers
// too.
#include <cstdlib>

#include "shared/base/hash.h"
#include "tests/frames/frame_mutator.h"
#include "tests/protocol/codec_samples.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

constexpr int kMutations = 100'000;

std::uint64_t seed() {
  const char* given = std::getenv("DOCMILL_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 20261122;
}

TEST_CASE("no bytes at all make the header decoder misbehave") {
  INFO("DOCMILL_SEED=" << seed());
  FrameMutator mutator(seed());
  const std::string payload = samples::payload();
  const std::string frame = encode(samples::header(), payload);
  int accepted = 0;
  for (int i = 0; i < kMutations; ++i) {
    const std::string mutated = sealed_header(mutator.mutate(frame), payload);
    const auto decoded = decode_header(mutated, payload);
    if (!decoded) continue;
    ++accepted;
    // What is accepted has one way to be written.
    REQUIRE(encode(*decoded, payload) == mutated);
  }
  CHECK(accepted > kMutations / 100);
}

TEST_CASE("no bytes at all make the control decoder misbehave") {
  INFO("DOCMILL_SEED=" << seed());
  FrameMutator mutator(seed());
  std::vector<std::string> frames;
  for (const ControlRecord& record : samples::controls()) {
    frames.push_back(encode(record, samples::addressee()));
  }
  int accepted = 0;
  for (int i = 0; i < kMutations; ++i) {
    const std::string mutated =
        sealed_control(mutator.mutate(frames[static_cast<std::size_t>(i) % frames.size()]));
    if (decode_control(mutated)) ++accepted;
  }
  CHECK(accepted > kMutations / 100);
}

TEST_CASE("no bytes at all make the payload reader misbehave") {
  INFO("DOCMILL_SEED=" << seed());
  FrameMutator mutator(seed());
  const std::string payload = samples::payload();
  std::uint64_t sum = 0;
  int accepted = 0;
  for (int i = 0; i < kMutations; ++i) {
    const std::string mutated = mutator.mutate(payload);
    PayloadReader reader(mutated);
    Entry entry;
    auto more = reader.next(entry);
    for (; more && *more; more = reader.next(entry)) {
      // Touches every byte that the reader says is there.
      sum += hash64(entry.document.bytes) + hash64(entry.reason) +
             hash64(entry.document.origin.source);
    }
    if (more) ++accepted;
  }
  CHECK(sum != 0);
  CHECK(accepted > kMutations / 100);
}

}  // namespace
}  // namespace docmill
