// Ledgers that were put back to an older copy, and ledgers that were given up.
#include "shared/protocol/producer_core.h"
#include "tests/protocol/ledger_fixture.h"
#include "tests/protocol/producer_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

// A sink with its durable state, that can be copied and put back.
struct Restorable {
  LedgerState durable = ledger_nine();
  std::uint64_t life = 100;
  std::optional<LedgerCore> core;

  void start() { core.emplace("s1", durable, WriteOrder::kAny, ++life); }
  // Takes a batch, commits it, and gives the mark of its ack.
  LedgerMark commit(const BatchHeader& header) {
    REQUIRE(take(*core, header) == Verdict::kWrite);
    apply(core->facts(), durable);
    const std::vector<Ack> acks = core->committed();
    REQUIRE(acks.size() == 1);
    REQUIRE(core->state() == durable);
    return acks[0].ledger;
  }
};

BatchHeader knowing(const LedgerMark& mark, Sequence sequence, const std::string& producer = "p1") {
  BatchHeader header = header_of(sequence);
  header.lineage.producer = producer;
  header.ledgers = {{mark.id, mark.life.number, mark.commit, 0}};
  return header;
}

TEST_CASE("each commit has the next number, and an ack carries it with the life it belongs to") {
  Restorable sink;
  sink.start();
  CHECK(sink.commit(header_of(1)) == LedgerMark{9, {101, 1}, 1});
  CHECK(sink.commit(header_of(2)) == LedgerMark{9, {101, 1}, 2});
  sink.start();
  sink.start();
  CHECK(sink.commit(header_of(3)) == LedgerMark{9, {103, 3}, 3});
  CHECK(sink.durable.lives == std::vector<Life>{{101, 1}, {103, 3}});
  // A repeat commits nothing.
  take(*sink.core, header_of(3));
  CHECK(sink.core->facts().empty());
  CHECK(sink.core->committed()[0].ledger == LedgerMark{9, {103, 3}, 3});
}

TEST_CASE("a ledger without an acknowledged commit refuses its producer and notes nothing") {
  Restorable sink;
  sink.start();
  sink.commit(header_of(1));
  const LedgerState backup = sink.durable;
  const LedgerMark told = sink.commit(header_of(2));
  sink.durable = backup;
  sink.start();
  const Judgement judgement = sink.core->judge(knowing(told, 3));
  REQUIRE(judgement.refusal);
  CHECK(judgement.refusal->reason == RefusalReason::kRestoredLedger);
  CHECK(
      judgement.refusal->text ==
      "an older copy of this sink's state was put back: commit 2 was acknowledged, found a ledger "
      "that ends at commit 1 and has batches up to 0 of p1; put the newer state back, or accept "
      "the loss with 'docmill sink accept FILE s1' on the hosts of the producers, or start the "
      "whole pipeline over with --fresh");
  CHECK_FALSE(sink.core->has_group());
  CHECK(sink.core->state() == backup);
}

TEST_CASE("a restored ledger is recognized although it has reached the acknowledged number again") {
  Restorable sink;
  sink.start();
  sink.commit(header_of(1));
  const LedgerState backup = sink.durable;
  const LedgerMark told = sink.commit(header_of(2));
  sink.durable = backup;
  sink.start();
  // Another producer, and batches of this one that were sent before it was told.
  sink.commit(knowing({9, {101, 1}, 1}, 1, "p2"));
  sink.commit(knowing({9, {101, 1}, 1}, 3));
  sink.commit(knowing({9, {101, 1}, 1}, 4));
  CHECK(sink.durable.commits > told.commit);
  CHECK(sink.core->judge(knowing(told, 5)).verdict == Verdict::kRefused);
}

TEST_CASE("a sink that restarted as it should takes what relies on any of its commits") {
  Restorable sink;
  std::vector<LedgerMark> told;
  for (Sequence sequence = 1; sequence <= 6; ++sequence) {
    if (sequence % 2 == 1) sink.start();
    told.push_back(sink.commit(header_of(sequence)));
  }
  Sequence sequence = 10;
  for (const LedgerMark& mark : told) {
    CHECK(sink.core->judge(knowing(mark, sequence++)).verdict == Verdict::kWrite);
  }
  CHECK(sink.core->judge(knowing({9, {101, 1}, 3}, sequence++)).verdict == Verdict::kRefused);
  CHECK(sink.core->judge(knowing({9, {77, 1}, 1}, sequence++)).verdict == Verdict::kRefused);
}

TEST_CASE("lives beyond the limit are forgotten, the oldest first, and refuse nobody") {
  LedgerState state = ledger_nine();
  for (std::uint64_t i = 1; i <= kMaxLives + 1; ++i) {
    begin_life({1000 + i, i}, state);
    state.commits = i;
  }
  CHECK(state.lives.size() == kMaxLives);
  CHECK(state.lives.front().first == 2);
  CHECK(state.has(1001, 1));
  CHECK(state.has(1002, 2));
  CHECK_FALSE(state.has(1001, 2));
}

TEST_CASE("a forgotten ledger refuses the producer that has forgotten it") {
  Restorable sink;
  sink.start();
  BatchHeader header = header_of(1);
  header.ledgers = {{0, 0, 0, 9}};
  const Judgement judgement = sink.core->judge(header);
  REQUIRE(judgement.refusal);
  CHECK(judgement.refusal->reason == RefusalReason::kForgottenLedger);
  CHECK(
      judgement.refusal->text ==
      "ledger 0000000000000009 was given up with 'docmill sink forget'; the documents that it had "
      "not acknowledged went to another one; start s1 with an empty state folder");
  header.ledgers = {{0, 0, 0, 8}};
  CHECK(sink.core->judge(header).verdict == Verdict::kWrite);
}

TEST_CASE("a producer tells the last commit that a sink showed, and keeps it with the checkpoint") {
  ProducerFixture producer;
  producer.hear("m1");
  producer.admit_durably(2);
  Ack ack = producer.ack_of(1, 1, 0, 10);
  ack.ledger = {9, {101, 1}, 4};
  producer.core.on_ack(ack, producer.now);
  CHECK(producer.durable.ledgers.empty());
  producer.tick(std::chrono::milliseconds(200));
  producer.commit_all();
  CHECK(producer.durable.checkpoint.sequence == 1);
  CHECK(producer.durable.ledgers.at("s1") == KnownLedger{{9, {101, 1}, 4}, 10});
  producer.admit(10);
  producer.commit_all();
  producer.lines();
  CHECK(producer.last_header.ledgers == std::vector<ExpectedLedger>{{9, 101, 4, 0}});
}

struct Shown {
  std::string name;
  LedgerMark mark;
  bool settles = false;
  bool fatal = false;
};

TEST_CASE("a producer that knows commit 10 of life 101 judges what else the ledger shows") {
  const std::vector<Shown> table = {
      {.name = "a later commit", .mark = {9, {101, 7}, 11}, .settles = true},
      {.name = "the same life, late", .mark = {9, {101, 7}, 8}, .settles = true},
      {.name = "the next life", .mark = {9, {102, 11}, 12}, .settles = true},
      {.name = "an earlier life, late", .mark = {9, {100, 3}, 6}},
      {.name = "a life that began too early", .mark = {9, {102, 9}, 9}, .fatal = true},
      {.name = "the same, farther", .mark = {9, {102, 9}, 20}, .fatal = true},
  };
  for (const Shown& shown : table) {
    INFO(shown.name);
    ProducerState state;
    state.ledgers["s1"] = {{9, {101, 7}, 10}, 0};
    ProducerFixture producer({}, state);
    producer.hear("m1");
    producer.admit_durably(1);
    producer.lines();
    Ack ack = producer.ack_of(1, 1, 0, 10);
    ack.ledger = shown.mark;
    producer.core.on_ack(ack, producer.now);
    CHECK(producer.core.counters().settled.documents() == (shown.settles ? 10 : 0));
    Lines fatal = producer.lines();
    std::erase_if(fatal, [](const std::string& line) { return !line.starts_with("fatal"); });
    CHECK(fatal == (shown.fatal
                        ? Lines{"fatal: sink s1 was put back to an older copy of its state: commit "
                                "10 was acknowledged, found a ledger that has gone on from before "
                                "it; put the newer state back, or accept the loss with 'docmill "
                                "sink accept FILE s1' on the hosts of the producers, or start the "
                                "whole pipeline over with --fresh"}
                        : Lines{}));
  }
}

TEST_CASE("an ack of a forgotten ledger settles nothing, and the sink is not met by it") {
  ProducerState state;
  state.forgotten = {{"s1", 9}};
  ProducerFixture producer({}, state);
  producer.hear("m1");
  producer.admit_durably(1);
  producer.lines();
  CHECK(producer.last_header.ledgers == std::vector<ExpectedLedger>{{0, 0, 0, 9}});
  producer.ack(1);
  CHECK(producer.core.counters().settled.documents() == 0);
  CHECK(producer.core.state().ledgers.empty());
  Ack ack = producer.ack_of(1, 1, 0, 10);
  ack.ledger = {10, {5, 1}, 1};
  producer.core.on_ack(ack, producer.now);
  CHECK(producer.core.counters().settled.documents() == 10);
}

}  // namespace
}  // namespace docmill
