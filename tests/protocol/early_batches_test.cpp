#include "shared/protocol/early_batches.h"

#include <string>

#include "tests/protocol/ledger_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

// "3[0,4)/1 5[0,4)/1": what is held of a producer, taken out in order.
std::string take_all(EarlyBatches& early, const std::string& producer = "p1") {
  std::string text;
  for (const EarlyBatch* first = early.first(producer); first != nullptr;
       first = early.first(producer)) {
    const BatchHeader& header = first->header;
    text += (text.empty() ? "" : " ") + std::to_string(header.sequence) + "[" +
            std::to_string(header.share.front().begin) + "," +
            std::to_string(header.share.back().end) + ")/" + std::to_string(header.attempt);
    early.remove_first(producer);
  }
  return text;
}

BatchHeader attempt(std::uint32_t number, BatchHeader header) {
  header.attempt = number;
  return header;
}

BatchHeader of(const std::string& producer, BatchHeader header) {
  header.lineage.producer = producer;
  return header;
}

TEST_CASE("what is early comes out by sequence and first document, with its payload") {
  EarlyBatches early({10, Bytes{100}});
  early.hold(header_of(5), "five");
  early.hold(header_of(3, {{2, 4}}), "late");
  early.hold(header_of(3, {{0, 1}}), "soon");
  CHECK(early.batches() == 3);
  CHECK(early.bytes() == 12);
  CHECK(early.first("p1")->payload == "soon");
  CHECK(early.first("p2") == nullptr);
  CHECK(take_all(early) == "3[0,1)/1 3[2,4)/1 5[0,4)/1");
  CHECK(early.bytes() == 0);
}

TEST_CASE("a repeat is not kept twice, and is acked as the attempt that came last") {
  EarlyBatches early({10, Bytes{100}});
  early.hold(attempt(2, header_of(3)), "whole");
  early.hold(attempt(3, header_of(3, {{1, 2}})), "part");
  early.hold(attempt(1, header_of(3)), "whole");
  CHECK(early.bytes() == 5);
  CHECK(take_all(early) == "3[0,4)/3");
}

TEST_CASE("a whole batch takes the place of its parts") {
  EarlyBatches early({10, Bytes{100}});
  early.hold(header_of(3, {{1, 2}}), "part");
  early.hold(header_of(3, {{3, 4}}), "part");
  early.hold(attempt(2, header_of(3)), "whole");
  CHECK(take_all(early) == "3[0,4)/2");
}

TEST_CASE("without room the ones farthest from their turn go, of the producer that has the most") {
  EarlyBatches by_batches({3, Bytes{100}});
  EarlyBatches by_bytes({10, Bytes{12}});
  for (EarlyBatches* early : {&by_batches, &by_bytes}) {
    early->hold(of("p2", header_of(90)), "1234");
    std::vector<Sequence> dropped;
    for (const Sequence sequence : {5, 7, 3, 6}) {
      for (const BatchHeader& out : early->hold(header_of(sequence), "1234")) {
        dropped.push_back(out.sequence);
      }
    }
    CHECK(dropped == std::vector<Sequence>{7, 6});
    CHECK(early->dropped() == 2);
    CHECK(early->batches() == 3);
    CHECK(take_all(*early, "p2") == "90[0,4)/1");
    CHECK(take_all(*early) == "3[0,4)/1 5[0,4)/1");
  }
}

TEST_CASE("a batch that is larger than all the room costs the others none") {
  EarlyBatches early({10, Bytes{12}});
  early.hold(header_of(5), "1234");
  CHECK(early.hold(header_of(3), "1234567890123").front().sequence == 3);
  CHECK(early.dropped() == 1);
  CHECK(take_all(early) == "5[0,4)/1");
}

TEST_CASE("a later epoch takes the place of an earlier one, whatever their runs") {
  EarlyBatches early({10, Bytes{100}});
  early.hold(header_of(5), "old");
  BatchHeader newer = header_of(9);
  newer.lineage.epoch = 8;
  newer.run = {1, 11};
  early.hold(newer, "new");
  early.hold(header_of(3), "old");
  CHECK(take_all(early) == "9[0,4)/1");
}

TEST_CASE("a later run takes the place of an earlier one, and an earlier one gets none") {
  EarlyBatches early({10, Bytes{100}});
  early.hold(header_of(5), "old");
  BatchHeader newer = header_of(9);
  newer.run = {4, 44};
  early.hold(newer, "new");
  early.hold(header_of(3), "old");
  CHECK(early.dropped() == 0);
  CHECK(take_all(early) == "9[0,4)/1");
}

}  // namespace
}  // namespace docmill
