#include "shared/protocol/ack_split.h"

#include "tests/support/catch.h"

namespace docmill {
namespace {

Ack ack_of(std::size_t entries, std::uint32_t spans) {
  Ack ack{std::string(32, 's'), {9, {}, 0}, {std::string(32, 'p'), 7}, {1, 2}, {}};
  for (std::size_t i = 0; i < entries; ++i) {
    Ack::Entry entry{i + 1, 3, 11 * i, {}, Early::kNo};
    for (std::uint32_t at = 0; at < spans; ++at) {
      entry.settled.push_back({2 * at, 2 * at + 1, Outcome::kFiltered});
    }
    ack.entries.push_back(std::move(entry));
  }
  return ack;
}

// The entries of all parts, with those of one batch put together.
std::vector<Ack::Entry> joined(const std::vector<Ack>& parts) {
  std::vector<Ack::Entry> entries;
  for (const Ack& part : parts) {
    for (const Ack::Entry& entry : part.entries) {
      if (entries.empty() || entries.back().sequence != entry.sequence) {
        entries.push_back(entry);
        continue;
      }
      CHECK(entries.back().attempt == entry.attempt);
      CHECK(entries.back().origin_hash == entry.origin_hash);
      entries.back().settled.insert(entries.back().settled.end(), entry.settled.begin(),
                                    entry.settled.end());
    }
  }
  return entries;
}

TEST_CASE("the parts of an ack say the same as the ack, and each fits into a message") {
  struct Case {
    std::size_t entries;
    std::uint32_t spans;
  };
  for (const Case& one : {Case{1, 1}, {1, 32768}, {3, 5000}, {5000, 1}, {200, 512}, {7, 0}}) {
    for (const std::size_t bytes : {1 << 10, 64 << 10, 256 << 10}) {
      CAPTURE(one.entries, one.spans, bytes);
      const Ack ack = ack_of(one.entries, one.spans);
      const std::vector<Ack> parts = split(ack, bytes);
      for (const Ack& part : parts) {
        CHECK(encode(part, {}).size() <= bytes);
        CHECK(part.sink == ack.sink);
        CHECK(part.lineage == ack.lineage);
        CHECK(part.run == ack.run);
        CHECK(part.ledger == ack.ledger);
      }
      CHECK(joined(parts) == ack.entries);
      // Nearly full, all but the last.
      CHECK(parts.size() <= 1 + 3 * encode(ack, {}).size() / bytes);
    }
  }
}

TEST_CASE("an ack without entries is no message") { CHECK(split(ack_of(0, 0), 1 << 10).empty()); }

}  // namespace
}  // namespace docmill
