// The decoders read what anybody may send: 100,000 seeded mutations of good frames each, with the
// hash made right again, so that it is the parsing that has to be safe. Run under the sanitizers
// too.
#include <cstdlib>
#include <cstring>
#include <random>

#include "shared/base/hash.h"
#include "tests/protocol/codec_samples.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

constexpr int kMutations = 100'000;

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  std::string operator()(std::string bytes) {
    for (auto changes = below(4) + 1; changes > 0; --changes) change(bytes);
    return bytes;
  }

 private:
  std::size_t below(std::size_t count) { return random_() % count; }

  void change(std::string& bytes) {
    static constexpr std::uint32_t kEdges[] = {0, 1, 0x7f, 0xff, 0xffff, 0x7fffffff, 0xffffffff};
    const std::size_t at = below(bytes.size() + 1);
    switch (below(5)) {
      case 0:
        bytes.resize(at);
        break;
      case 1:
        bytes.insert(at, below(20), static_cast<char>(random_()));
        break;
      case 2:
        bytes.erase(at, below(20));
        break;
      case 3:
        if (at < bytes.size()) bytes[at] = static_cast<char>(random_());
        break;
      default:
        if (at + 4 <= bytes.size()) std::memcpy(bytes.data() + at, &kEdges[below(7)], 4);
    }
  }

  std::mt19937_64 random_;
};

std::uint64_t seed() {
  const char* given = std::getenv("DOCMILL_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 20261122;
}

TEST_CASE("no bytes at all make the header decoder misbehave") {
  INFO("DOCMILL_SEED=" << seed());
  Mutator mutate(seed());
  const std::string payload = samples::payload();
  const std::string frame = encode(samples::header(), payload);
  int accepted = 0;
  for (int i = 0; i < kMutations; ++i) {
    std::string mutated = mutate(frame);
    if (mutated.size() >= 16) {
      std::memset(mutated.data() + 8, 0, 8);
      const std::uint64_t hash = hash64(mutated, hash64(payload));
      std::memcpy(mutated.data() + 8, &hash, 8);
    }
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
  Mutator mutate(seed());
  std::vector<std::string> frames;
  for (const ControlRecord& record : samples::controls()) frames.push_back(encode(record));
  int accepted = 0;
  for (int i = 0; i < kMutations; ++i) {
    std::string mutated = mutate(frames[static_cast<std::size_t>(i) % frames.size()]);
    if (mutated.size() >= 16) {
      const std::string_view view = mutated;
      const std::uint64_t hash = hash64(view.substr(16), hash64(view.substr(0, 8)));
      std::memcpy(mutated.data() + 8, &hash, 8);
    }
    if (decode_control(mutated)) ++accepted;
  }
  CHECK(accepted > kMutations / 100);
}

TEST_CASE("no bytes at all make the payload reader misbehave") {
  INFO("DOCMILL_SEED=" << seed());
  Mutator mutate(seed());
  const std::string payload = samples::payload();
  std::uint64_t sum = 0;
  int accepted = 0;
  for (int i = 0; i < kMutations; ++i) {
    const std::string mutated = mutate(payload);
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
