#include "shared/protocol/cutter.h"

#include <fmt/format.h>

#include "tests/support/catch.h"

namespace docmill {
namespace {

constexpr std::size_t kLetter = 1000;  // bytes that a letter of a word stands for
constexpr std::string_view kSource = "books.xml";
constexpr std::uint64_t kHead = PayloadWriter::kEntryBytes;

// letters: of three documents and their source.
Plan plan_of(std::uint32_t documents, std::uint64_t letters, std::uint64_t processors = 1) {
  Plan plan;
  plan.limits = {documents, Bytes{letters * kLetter + 4 * kHead + kSource.size()}};
  plan.sinks = {"s1"};
  plan.processors = processors;
  return plan;
}

std::string spelled(const std::string& word) {
  std::string bytes;
  for (const char letter : word) bytes.append(kLetter, letter);
  return bytes;
}

DocumentView document(const std::string& bytes) {
  DocumentView view;
  view.bytes = bytes;
  view.origin.source = kSource;
  return view;
}

// A producer's reading, told as text: documents are words, "|" is an input's end, "." an idle
// source,
// "!" that all of an earlier run was read again. The batches come out as "1:a b 2:c".
class Reading {
 public:
  Reading(const ProducerState& state, Plan wanted) : cutter(state, std::move(wanted)) {}

  Reading& read(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t space = std::min(text.find(' ', at), text.size());
      step(text.substr(at, space - at));
      at = space + 1;
    }
    return *this;
  }
  // What is durable when everything cut so far was sent.
  ProducerState durable(Sequence reserved) {
    ProducerFacts facts = cutter.take_facts();
    ProducerState state;
    apply(facts, state);
    state.reserved = reserved;
    return state;
  }

  Cutter cutter;
  std::string batches;
  std::vector<std::string> positions;

 private:
  void step(const std::string& word) {
    if (word == "|") {
      for (const Batch& batch : cutter.boundary("end", "next")) keep(batch);
    } else if (word == ".") {
      if (cutter.closes_when_idle()) keep(cutter.close_early("idle"));
    } else if (word == "!") {
      if (cutter.caught_up()) keep(cutter.close_early("caught up"));
    } else {
      const std::string bytes = spelled(word);
      if (!cutter.accepts(document(bytes))) keep(cutter.close("full"));
      cutter.add(document(bytes));
      if (cutter.full()) keep(cutter.close("full"));
    }
  }
  void keep(const Batch& batch) {
    if (!batches.empty()) batches += ' ';
    batches += fmt::format("{}:", batch.sequence);
    positions.push_back(batch.position);
    PayloadReader reader(*batch.payload);
    Entry entry;
    for (bool first = true; reader.next(entry).value(); first = false) {
      if (!first) batches += ' ';
      if (entry.kind == EntryKind::kDead) batches += '~';
      for (std::size_t i = 0; i < entry.document.bytes.size(); i += kLetter) {
        batches += entry.document.bytes[i];
      }
    }
  }
};

struct CutCase {
  const char* name;
  std::uint32_t documents = 3;
  std::uint64_t bytes = 6;
  const char* input;
  const char* batches;
};

TEST_CASE(
    "a batch closes when the next document does not fit, the source is idle or an input ends") {
  const std::vector<CutCase> cases = {
      {.name = "by documents", .input = "a b c d e", .batches = "1:a b c"},
      {.name = "by bytes, before the one that does not fit",
       .input = "aaa bb cc d",
       .batches = "1:aaa bb"},
      {.name = "by bytes, at once when nothing more fits",
       .input = "aaa bbb",
       .batches = "1:aaa bbb"},
      {.name = "larger than the limit, a batch of its own",
       .input = "a bbbbbbbbb c d",
       .batches = "1:a 2:bbbbbbbbb"},
      {.name = "idle", .input = "a . b c .", .batches = "1:a 2:b c"},
      {.name = "idle with nothing read", .input = ". . a .", .batches = "1:a"},
      {.name = "the end of an input", .input = "a | b c |", .batches = "1:a 2:b c"},
      {.name = "an end has a sequence of its own",
       .input = "a b c | d |",
       .batches = "1:a b c 2: 3:d"},
      {.name = "an empty input too", .input = "a | | b |", .batches = "1:a 2: 3:b"},
  };
  for (const CutCase& one : cases) {
    INFO(one.name);
    Reading reading({}, plan_of(one.documents, one.bytes));
    CHECK(reading.read(one.input).batches == one.batches);
  }
}

struct ReplayCase {
  const char* name;
  const char* first;  // what the earlier run read
  Sequence sent;      // and may have sent
  const char* second;
  const char* batches;
};

TEST_CASE("the same sequences hold the same documents after a crash") {
  const std::vector<ReplayCase> cases = {
      {.name = "an early cut is cut again, though the source is not idle now",
       .first = "a . b c .",
       .sent = 2,
       .second = "a b c d e f",
       .batches = "1:a 2:b c 3:d e f"},
      {.name = "nothing new is cut early before the earlier run's end",
       .first = "a b c d e f",
       .sent = 2,
       .second = "a . b . c d . e f g .",
       .batches = "1:a b c 2:d e f 3:g"},
      {.name = "what was read but not closed was not sent",
       .first = "a b c d",
       .sent = 2,
       .second = "a b c d ! .",
       .batches = "1:a b c 2:d"},
      {.name = "an input that has shrunk is filled up, so that the next one keeps its sequences",
       .first = "a b c d e | f g |",
       .sent = 3,
       .second = "a | f g |",
       .batches = "1:a 2: 3:f g"},
      {.name = "an input that has grown does not push the next one aside",
       .first = "a b | f g |",
       .sent = 2,
       .second = "a b c d e | f g |",
       .batches = "1:a b ~c 2:f g"},
      {.name = "an input that was empty too",
       .first = "| f g |",
       .sent = 2,
       .second = "x y | f g |",
       .batches = "1:~x 2:f g"},
      {.name = "and one whose end was not written down ends behind all that was sent",
       .first = "a b c d e f",
       .sent = 3,
       .second = "a | g |",
       .batches = "1:a 2: 3: 4:g"},
      {.name = "larger documents than before keep a batch bounded",
       .first = "a a . b |",
       .sent = 2,
       .second = "aaaaa aaaaa b |",
       .batches = "1:aaaaa 2:aaaaa ~b"},
  };
  for (const ReplayCase& one : cases) {
    INFO(one.name);
    Reading first({}, plan_of(3, 6));
    first.read(one.first);
    const ProducerState state = first.durable(one.sent);
    Reading second(state, plan_of(3, 6));
    CHECK(second.read(one.second).batches == one.batches);
    // And a third time, from what both have written down.
    ProducerState after = state;
    apply(second.cutter.take_facts(), after);
    after.reserved = std::max(after.reserved, second.cutter.next() - 1);
    Reading third(after, plan_of(3, 6));
    CHECK(third.read(one.second).batches == one.batches);
  }
}

TEST_CASE("only the last batch of a boundary carries the position behind it") {
  Reading first({}, plan_of(3, 60));
  first.read("a b c d e f g |");
  Reading second(first.durable(3), plan_of(3, 60));
  second.read("a |");
  CHECK(second.batches == "1:a 2: 3:");
  CHECK(second.positions == std::vector<std::string>{"end", "end", "next"});
}

TEST_CASE("one dead letter says that a file has grown, however much") {
  Reading first({}, plan_of(2, 60));
  first.read("a |");
  Reading second(first.durable(1), plan_of(2, 60));
  second.read("a b c d e f g h i |");
  CHECK(second.batches == "1:a ~b");
}

TEST_CASE("a changed plan begins behind all that may have been sent") {
  const Plan old_plan = plan_of(2, 60, 1);
  const Plan new_plan = plan_of(3, 60, 2);
  Reading first({}, old_plan);
  first.read("a b c d");
  const ProducerState state = first.durable(3);

  SECTION("after the block, when the earlier run may have read more") {
    Reading second(state, new_plan);
    second.read("a b c d e f");
    CHECK(second.cutter.plan() == new_plan);
    second.read("g h i");
    CHECK(second.batches == "1:a b 2:c d 3:e f 4:g h i");
    const ProducerFacts facts = second.cutter.take_facts();
    REQUIRE(facts.plans.size() == 1);
    CHECK(facts.plans[0].first == 4);
    CHECK(facts.reserved == Sequence{3});
  }
  SECTION("at once, when all that it read was read again") {
    Reading second(state, new_plan);
    second.read("a b c d ! e f g");
    CHECK(second.batches == "1:a b 2:c d 3:e f g");
    CHECK(second.cutter.take_facts().plans[0].first == 3);
  }
  SECTION("what is open then is closed by the old plan, and that is written down") {
    Reading second(state, new_plan);
    second.read("a b c ! d e f");
    CHECK(second.batches == "1:a b 2:c 3:d e f");
    const ProducerFacts facts = second.cutter.take_facts();
    REQUIRE(facts.cuts.size() == 1);
    CHECK(facts.cuts[0] == std::pair<Sequence, Cut>(2, Cut{1, false}));
    CHECK(facts.plans[0].first == 3);
  }
}

TEST_CASE("cuts of an input that is gone do not cut the one that takes its sequences") {
  Reading first({}, plan_of(3, 60));
  first.read("a b c d . e .");
  const ProducerState state = first.durable(3);
  Reading second(state, plan_of(3, 60));
  second.read("a b c ! x y z u v w");
  CHECK(second.batches == "1:a b c 2:x y z 3:u v w");
  ProducerState after = state;
  apply(second.cutter.take_facts(), after);
  after.reserved = 3;
  Reading third(after, plan_of(3, 60));
  CHECK(third.read("a b c x y z u v w").batches == "1:a b c 2:x y z 3:u v w");
}

TEST_CASE("a document that has shrunk, or cannot be read, does not move those behind it") {
  const auto cut = [](const std::string& changed, bool readable) {
    Cutter cutter({}, plan_of(9, 6));
    cutter.add(document("aaa"), 3 * kLetter);
    if (readable) {
      cutter.add(document(changed), 3 * kLetter);
    } else {
      cutter.add_dead(document(changed), "gone", 3 * kLetter);
    }
    return cutter.full();
  };
  CHECK(cut("bbb", true));
  CHECK(cut("b", true));
  CHECK(cut("", false));
}

TEST_CASE("other content is another hash, and the same content the same") {
  const auto hash_of = [](const std::string& word) {
    Cutter cutter({}, plan_of(1, 60));
    cutter.add(document(word));
    return cutter.close("p").origin_hash;
  };
  CHECK(hash_of("a") == hash_of("a"));
  CHECK(hash_of("a") != hash_of("b"));
}

}  // namespace
}  // namespace docmill
