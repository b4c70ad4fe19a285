// What a batch, a group or a buffer costs in the ledger and in payloads at sizes that the pipeline
// file allows: no more than O(n log n), whatever the input makes of it.
#include "tests/support/growth.h"

#include <fmt/format.h>

#include "shared/protocol/cutter.h"
#include "shared/protocol/early_batches.h"
#include "tests/protocol/ledger_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

BatchHeader large(std::size_t documents, Share share, Sequence sequence = 1) {
  BatchHeader header = header_of(sequence, std::move(share));
  header.documents = static_cast<std::uint32_t>(documents);
  return header;
}

// Each document of a batch as a message of its own, with alternating outcomes, in one group.
void settle_one_by_one(WriteOrder order, std::size_t documents) {
  LedgerCore core("s1", ledger_nine(), order);
  for (std::uint32_t i = 0; i < documents; ++i) {
    const BatchHeader header = large(documents, {{i, i + 1}});
    REQUIRE(core.judge(header).verdict == Verdict::kWrite);
    core.settle(header, {{i, i + 1, i % 2 == 0 ? Outcome::kDelivered : Outcome::kFiltered}}, 1);
  }
  REQUIRE(core.facts().rows.size() == 1);
  REQUIRE(core.committed()[0].entries.size() == documents);
}

TEST_CASE("a batch that is settled document by document costs no more than O(n log n)") {
  CHECK(growth_of(512, [](std::size_t documents) {
          settle_one_by_one(WriteOrder::kAny, documents);
        }) < kMostGrowth);
}

TEST_CASE("a batch that is settled document by document, in order, costs no more than O(n log n)") {
  CHECK(growth_of(512, [](std::size_t documents) {
          settle_one_by_one(WriteOrder::kSource, documents);
        }) < kMostGrowth);
}

TEST_CASE("a group of many batches costs no more than O(n log n)") {
  CHECK(growth_of(512, [](std::size_t batches) {
          LedgerCore core("s1", ledger_nine());
          for (Sequence sequence = 1; sequence <= batches; ++sequence) {
            take(core, header_of(sequence));
          }
          REQUIRE(core.facts().rows.size() == batches);
          REQUIRE(core.committed()[0].entries.size() == batches);
        }) < kMostGrowth);
}

TEST_CASE("a group of many producers costs no more than O(n log n)") {
  CHECK(growth_of(512, [](std::size_t producers) {
          LedgerCore core("s1", ledger_nine());
          for (std::size_t i = 0; i < producers; ++i) {
            BatchHeader header = header_of(1);
            header.lineage.producer = fmt::format("p{}", i);
            take(core, header);
          }
          REQUIRE(core.facts().marks.size() == producers);
          REQUIRE(core.committed().size() == producers);
        }) < kMostGrowth);
}

TEST_CASE("a batch of which every second document is rejected costs no more than O(n log n)") {
  CHECK(growth_of(2048, [](std::size_t documents) {
          LedgerCore core("s1", ledger_nine());
          const auto end = static_cast<std::uint32_t>(documents);
          const BatchHeader header = large(documents, {{0, end}});
          core.judge(header);
          core.settle(header, {{0, end, Outcome::kDelivered}}, end);
          std::vector<std::uint32_t> rejected;
          for (std::uint32_t i = 0; i < end; i += 2) rejected.push_back(i);
          core.reject(header, rejected);
          core.facts();
          REQUIRE(core.state().totals.dead == documents / 2);
        }) < kMostGrowth);
}

TEST_CASE("a group of many early messages costs no more than O(n log n)") {
  CHECK(growth_of(512, [](std::size_t messages) {
          LedgerCore core("s1", ledger_nine(), WriteOrder::kSource);
          for (Sequence sequence = 1; sequence <= messages; ++sequence) {
            core.early(header_of(sequence), Early::kHeld);
            core.early(header_of(sequence), Early::kDropped);
          }
          REQUIRE(core.committed()[0].entries.size() == messages);
        }) < kMostGrowth);
}

TEST_CASE("many early shares of one batch cost no more than O(n log n)") {
  CHECK(growth_of(512, [](std::size_t documents) {
          EarlyBatches early({.batches = 1 << 20, .bytes = Bytes{1 << 30}});
          for (int again = 0; again < 2; ++again) {
            for (auto i = static_cast<std::uint32_t>(documents); i > 0; --i) {
              early.hold(large(documents, {{i - 1, i}}), "x");
            }
          }
          REQUIRE(early.batches() == documents);
        }) < kMostGrowth);
}

TEST_CASE("a payload of as many sources as documents costs no more than O(n log n)") {
  CHECK(growth_of(2048, [](std::size_t documents) {
          PayloadWriter writer;
          for (std::uint32_t i = 0; i < documents; ++i) {
            const std::string source = fmt::format("in/{}.xml", i);
            writer.document(i, {Format::kXml, "<a/>", {.source = source}, {}});
          }
          REQUIRE(writer.has_room_for("another"));
        }) < kMostGrowth);
}

// A batch with as many sources as the format can name, and a file that has grown meanwhile.
TEST_CASE("a batch with 65,536 sources has room for known ones, and for what a changed file adds") {
  ProducerState state;
  Plan plan;
  plan.limits = {65536, Bytes{64 << 20}};
  plan.sinks = {"s1"};
  state.plans = {{1, plan}};
  state.reserved = 1;
  state.cuts = {{1, {65536, true}}};
  Cutter cutter(state, plan);
  for (std::uint32_t i = 0; i <= kMaxSources; ++i) {
    const std::string source = fmt::format("in/{}.xml", i);
    const DocumentView document = {Format::kXml, "<a/>", {.source = source}, {}};
    REQUIRE(cutter.accepts(document));
    cutter.add(document);
  }
  const std::vector<Batch> batches = cutter.boundary("end", "next");
  REQUIRE(batches.size() == 1);
  CHECK(batches[0].documents == kMaxSources + 1);
  CHECK(batches[0].documents == kMaxDocuments);
  PayloadReader reader(*batches[0].payload);
  Entry entry;
  std::string last;
  while (true) {
    const auto more = reader.next(entry);
    REQUIRE(more);
    if (!*more) break;
    last = entry.document.origin.source;
  }
  CHECK(last == "in/65535.xml");
}

TEST_CASE("a payload that names more than 65,536 sources is refused") {
  std::string payload;
  for (std::uint32_t i = 0; i < 2; ++i) {
    PayloadWriter writer;
    for (std::uint32_t source = 0; source < kMaxSources / 2 + i; ++source) {
      const std::string name = fmt::format("{}-{}", i, source);
      writer.document(0, {Format::kText, "a", {.source = name}, {}});
    }
    payload += writer.take();
  }
  PayloadReader reader(payload);
  Entry entry;
  auto more = reader.next(entry);
  while (more && *more) more = reader.next(entry);
  REQUIRE_FALSE(more);
  CHECK(more.error().text == "expected at most 65536 sources in the payload, found more");
}

}  // namespace
}  // namespace docmill
