#include "shared/protocol/share.h"

#include <optional>
#include <random>

#include "tests/support/catch.h"

namespace docmill {
namespace {

TEST_CASE("a share counts and contains what its spans hold") {
  const Share share = {{1, 3}, {5, 6}};
  CHECK(count(share) == 3);
  CHECK(count({}) == 0);
  std::vector<std::uint32_t> inside;
  for (std::uint32_t i = 0; i < 8; ++i) {
    if (contains(share, i)) inside.push_back(i);
  }
  CHECK(inside == std::vector<std::uint32_t>{1, 2, 5});
}

TEST_CASE("what is settled keeps its first outcome, and only what is new is counted") {
  Settled settled;
  CHECK(settled.add({2, 4, Outcome::kDead}) == OutcomeCounts{0, 0, 2});
  CHECK(settled.add({0, 6, Outcome::kDelivered}) == OutcomeCounts{4, 0, 0});
  CHECK(settled.add({0, 6, Outcome::kFiltered}) == OutcomeCounts{0, 0, 0});
  CHECK(settled.spans() == std::vector<SettledSpan>{{0, 2, Outcome::kDelivered},
                                                    {2, 4, Outcome::kDead},
                                                    {4, 6, Outcome::kDelivered}});
}

TEST_CASE("what is void is settled until it is taken out, and nothing else is taken out") {
  Settled settled;
  CHECK(settled.add({0, 4, Outcome::kVoid}) == OutcomeCounts{0, 0, 0, 4});
  settled.add({4, 5, Outcome::kDead});
  CHECK(settled.add({1, 3, Outcome::kDelivered}) == OutcomeCounts{});
  settled.forget_void({{1, 2}, {3, 6}});
  CHECK(settled.spans() == std::vector<SettledSpan>{{0, 1, Outcome::kVoid},
                                                    {2, 3, Outcome::kVoid},
                                                    {4, 5, Outcome::kDead}});
  CHECK(settled.missing({{0, 5}}) == Share{{1, 2}, {3, 4}});
}

TEST_CASE("neighbours of one outcome are one span") {
  Settled settled;
  settled.add({4, 6, Outcome::kDelivered});
  settled.add({0, 2, Outcome::kDelivered});
  CHECK(settled.spans().size() == 2);
  settled.add({2, 4, Outcome::kDelivered});
  CHECK(settled.spans() == std::vector<SettledSpan>{{0, 6, Outcome::kDelivered}});
}

TEST_CASE("a span of nothing settles nothing") {
  Settled settled;
  CHECK(settled.add({3, 3, Outcome::kDelivered}) == OutcomeCounts{});
  CHECK(settled.spans().empty());
}

TEST_CASE("a batch is whole when nothing of it is missing") {
  Settled settled;
  CHECK(settled.whole(0));
  CHECK_FALSE(settled.whole(1));
  settled.add({0, 3, Outcome::kDelivered});
  settled.add({4, 5, Outcome::kFiltered});
  CHECK(settled.whole(3));
  CHECK_FALSE(settled.whole(5));
  CHECK(settled.missing({{0, 6}}) == Share{{3, 4}, {5, 6}});
  CHECK(settled.covers({{1, 2}, {4, 5}}));
  CHECK_FALSE(settled.covers({{1, 2}, {3, 5}}));
  CHECK(settled.within({{2, 5}}) ==
        std::vector<SettledSpan>{{2, 3, Outcome::kDelivered}, {4, 5, Outcome::kFiltered}});
}

// One outcome for each document: slow, and too simple to be wrong.
class Table {
 public:
  OutcomeCounts add(const SettledSpan& span) {
    OutcomeCounts added{};
    for (auto i = span.begin; i < span.end; ++i) {
      if (rows_[i]) continue;
      rows_[i] = span.outcome;
      ++added[static_cast<std::size_t>(span.outcome)];
    }
    return added;
  }
  bool settled(std::uint32_t i) const { return rows_[i].has_value(); }
  bool operator==(const Settled& settled) const {
    std::array<std::optional<Outcome>, kRows> rows{};
    for (const SettledSpan& span : settled.spans()) {
      for (auto i = span.begin; i < span.end; ++i) rows[i] = span.outcome;
    }
    return rows == rows_;
  }

  static constexpr std::uint32_t kRows = 24;

 private:
  std::array<std::optional<Outcome>, kRows> rows_{};
};

TEST_CASE("settled agrees with a table of documents whatever is added in whatever order") {
  constexpr std::uint64_t kSeed = 7;
  std::mt19937_64 random(kSeed);
  const auto below = [&random](std::uint64_t n) {
    return static_cast<std::uint32_t>(random() % n);
  };
  for (int round = 0; round < 2'000; ++round) {
    Settled settled;
    Table table;
    for (auto adds = below(12); adds > 0; --adds) {
      const auto begin = below(Table::kRows);
      const auto end = begin + below(Table::kRows - begin + 1);
      const SettledSpan span{begin, end, static_cast<Outcome>(below(kOutcomes))};
      REQUIRE(settled.add(span) == table.add(span));
      REQUIRE(table == settled);
    }
    const auto begin = below(Table::kRows);
    const Share share = {{begin, begin + below(Table::kRows - begin) + 1}};
    const Share missing = settled.missing(share);
    for (std::uint32_t i = 0; i < Table::kRows; ++i) {
      REQUIRE(contains(missing, i) == (contains(share, i) && !table.settled(i)));
    }
    REQUIRE(settled.covers(share) == missing.empty());
    std::uint32_t within = 0;
    for (const SettledSpan& span : settled.within(share)) within += span.end - span.begin;
    REQUIRE(within + count(missing) == count(share));
  }
}

}  // namespace
}  // namespace docmill
