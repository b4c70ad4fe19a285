// Settled compared with the simplest thing that can be right, and its cost at sizes that batches
// have.
#include <numeric>
#include <optional>
#include <random>
#include <set>

#include "shared/protocol/share.h"
#include "tests/support/catch.h"
#include "tests/support/growth.h"

namespace docmill {
namespace {

constexpr std::uint32_t kDocuments = 40;

// One outcome for each document.
struct Oracle {
  std::vector<std::optional<Outcome>> documents = std::vector<std::optional<Outcome>>(kDocuments);

  OutcomeCounts add(const SettledSpan& span) {
    OutcomeCounts added{};
    for (std::uint32_t i = span.begin; i < span.end; ++i) {
      if (documents[i]) continue;
      documents[i] = span.outcome;
      ++added[static_cast<std::size_t>(span.outcome)];
    }
    return added;
  }
  std::uint32_t bury(const std::vector<std::uint32_t>& indices) {
    std::uint32_t buried = 0;
    for (const std::uint32_t index : indices) {
      if (documents[index] != Outcome::kDelivered) continue;
      documents[index] = Outcome::kDead;
      ++buried;
    }
    return buried;
  }
  void forget_void(const Share& share) {
    for (const Span& span : share) {
      for (std::uint32_t i = span.begin; i < span.end; ++i) {
        if (documents[i] == Outcome::kVoid) documents[i].reset();
      }
    }
  }
  std::vector<SettledSpan> spans() const {
    std::vector<SettledSpan> spans;
    for (std::uint32_t i = 0; i < kDocuments; ++i) {
      if (!documents[i]) continue;
      const bool joined =
          !spans.empty() && spans.back().end == i && spans.back().outcome == *documents[i];
      if (!joined) spans.push_back({i, i, *documents[i]});
      spans.back().end = i + 1;
    }
    return spans;
  }
  std::set<std::uint32_t> missing(const Share& share) const {
    std::set<std::uint32_t> gaps;
    for (const Span& span : share) {
      for (std::uint32_t i = span.begin; i < span.end; ++i) {
        if (!documents[i]) gaps.insert(i);
      }
    }
    return gaps;
  }
};

struct Dice {
  std::mt19937 random{7};

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); }
  Share share() {
    Share share;
    for (std::uint32_t at = below(6); at < kDocuments;) {
      const std::uint32_t end = std::min(at + 1 + below(5), kDocuments);
      share.push_back({at, end});
      at = end + below(8);
    }
    return share;
  }
  std::vector<SettledSpan> spans() {
    std::vector<SettledSpan> spans;
    for (const Span& span : share()) {
      spans.push_back({span.begin, span.end, static_cast<Outcome>(below(kOutcomes))});
    }
    return spans;
  }
};

std::set<std::uint32_t> indices_of(const Share& share) {
  std::set<std::uint32_t> indices;
  for (const Span& span : share) {
    for (std::uint32_t i = span.begin; i < span.end; ++i) indices.insert(i);
  }
  return indices;
}

void change(Settled& settled, Oracle& oracle, Dice& dice) {
  switch (dice.below(4)) {
    case 0: {
      std::vector<SettledSpan> spans = dice.spans();
      if (dice.below(4) == 0) {
        for (const SettledSpan& span : dice.spans()) spans.push_back(span);
      }
      OutcomeCounts expected{};
      for (const SettledSpan& span : spans) {
        const OutcomeCounts added = oracle.add(span);
        for (std::size_t i = 0; i < kOutcomes; ++i) expected[i] += added[i];
      }
      REQUIRE(settled.add(spans) == expected);
      break;
    }
    case 1: {
      const std::uint32_t begin = dice.below(kDocuments);
      const SettledSpan span = {begin, begin + dice.below(kDocuments - begin + 1),
                                static_cast<Outcome>(dice.below(kOutcomes))};
      REQUIRE(settled.add(span) == oracle.add(span));
      break;
    }
    case 2: {
      std::vector<std::uint32_t> indices;
      for (std::uint32_t i = 0; i < kDocuments; ++i) {
        for (std::uint32_t times = dice.below(12); times > 9; --times) indices.push_back(i);
      }
      REQUIRE(settled.bury(indices) == oracle.bury(indices));
      break;
    }
    default: {
      const Share share = dice.share();
      settled.forget_void(share);
      oracle.forget_void(share);
    }
  }
}

TEST_CASE("after any changes Settled says what one outcome for each document says") {
  Dice dice;
  for (int round = 0; round < 2000; ++round) {
    Settled settled;
    Oracle oracle;
    for (std::uint32_t steps = dice.below(12); steps > 0; --steps) {
      change(settled, oracle, dice);
      REQUIRE(settled.spans() == oracle.spans());
      const Share share = dice.share();
      const auto gaps = oracle.missing(share);
      REQUIRE(indices_of(settled.missing(share)) == gaps);
      REQUIRE(settled.covers(share) == gaps.empty());
      Share inside;
      for (const SettledSpan& span : settled.within(share))
        inside.push_back({span.begin, span.end});
      REQUIRE(count(inside) + gaps.size() == count(share));
      const std::uint32_t size = 1 + dice.below(kDocuments);
      REQUIRE(settled.whole(size) == oracle.missing({{0, size}}).empty());
      const Share part = dice.share();
      const auto outer = indices_of(share);
      const auto inner = indices_of(part);
      REQUIRE(covers(share, part) ==
              std::includes(outer.begin(), outer.end(), inner.begin(), inner.end()));
    }
  }
}

std::vector<SettledSpan> alternating(std::size_t documents) {
  std::vector<SettledSpan> spans;
  for (std::uint32_t i = 0; i < documents; ++i) {
    spans.push_back({i, i + 1, i % 2 == 0 ? Outcome::kDelivered : Outcome::kFiltered});
  }
  return spans;
}

TEST_CASE("alternating outcomes added one by one cost no more than O(n log n)") {
  CHECK(growth_of(4096, [](std::size_t documents) {
          Settled settled;
          for (const SettledSpan& span : alternating(documents)) settled.add(span);
          REQUIRE(settled.spans().size() == documents);
        }) < kMostGrowth);
}

TEST_CASE("alternating outcomes added between others cost no more than O(n log n)") {
  CHECK(growth_of(4096, [](std::size_t documents) {
          Settled settled;
          const std::vector<SettledSpan> all = alternating(documents);
          std::vector<SettledSpan> even;
          for (std::size_t i = 0; i < documents; i += 2) even.push_back(all[i]);
          settled.add(even);
          settled.add(all);
          REQUIRE(settled.spans().size() == documents);
        }) < kMostGrowth);
}

TEST_CASE("every second document buried costs no more than O(n log n)") {
  CHECK(growth_of(4096, [](std::size_t documents) {
          Settled settled;
          const auto end = static_cast<std::uint32_t>(documents);
          settled.add({0, end, Outcome::kDelivered});
          std::vector<std::uint32_t> rejected;
          for (std::uint32_t i = 0; i < end; i += 2) rejected.push_back(i);
          REQUIRE(settled.bury(rejected) == rejected.size());
        }) < kMostGrowth);
}

TEST_CASE("document by document, what is asked costs no more than O(n log n)") {
  CHECK(growth_of(4096, [](std::size_t documents) {
          Settled settled;
          settled.add(alternating(documents));
          std::uint32_t found = 0;
          for (std::uint32_t i = 0; i < documents; ++i) {
            const Share one = {{i, i + 1}};
            found += settled.covers(one) && settled.missing(one).empty() ? 1 : 0;
            found += settled.whole(static_cast<std::uint32_t>(documents)) ? 1 : 0;
            found += static_cast<std::uint32_t>(settled.within(one).size());
          }
          REQUIRE(found == 3 * documents);
        }) < kMostGrowth);
}

}  // namespace
}  // namespace docmill
