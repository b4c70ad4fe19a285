#include "shared/store/sink_requests.h"

#include <filesystem>

#include "tests/store/print.h"
#include "tests/store/temp_folder.h"
#include "tests/support/real_disk.h"

namespace docmill {
namespace {

// A producer that knows two sinks, in a state folder of its own.
struct Known {
  TempFolder temp;
  StateFolder folder;
  ProducerStore store;

  static StateFolder locked(const TempFolder& temp) {
    auto folder = StateFolder::open(real_disk(), temp.path(), "p1");
    REQUIRE(folder.ok());
    return std::move(*folder);
  }
  static ProducerStore opened(const StateFolder& folder) {
    auto store = ProducerStore::open(folder);
    REQUIRE(store.ok());
    return std::move(*store);
  }
  Known() : folder(locked(temp)), store(opened(folder)) {
    ProducerFacts facts;
    Plan plan;
    plan.sinks = {"s1", "s2"};
    facts.plans = {{1, plan}, {9, plan}};
    facts.ledgers = {{"s1", {{91, {1, 1}, 4}, 40}}, {"s2", {{92, {2, 1}, 6}, 60}}};
    REQUIRE(store.commit(facts).ok());
  }

  ProducerState state() {
    const auto state = store.state();
    REQUIRE(state.ok());
    return *state;
  }
  std::vector<SinkDecision> apply(const std::vector<std::string>& active) {
    ProducerState now = state();
    auto decisions = apply_requests(folder.path(), store, now, active);
    REQUIRE(decisions.ok());
    CHECK((state() == now));
    return *decisions;
  }
};

TEST_CASE("a request is durable until it is applied, and then gone") {
  Known known;
  const std::filesystem::path path = known.folder.path();
  REQUIRE(put_request(path, {SinkVerb::kForget, "s2", 93}).ok());
  REQUIRE(put_request(path, {SinkVerb::kForget, "s2", 94}).ok());
  const auto requests = requests_in(path);
  REQUIRE(requests.ok());
  REQUIRE(requests->size() == 1);
  CHECK(requests->front().sink == "s2");
  CHECK(requests->front().present == 94);
  const auto decisions = known.apply({"s1"});
  REQUIRE(decisions.size() == 1);
  CHECK(decisions[0].decided == Decided::kDone);
  CHECK(requests_in(path)->empty());
  const auto last = last_decision(path);
  REQUIRE(last);
  CHECK(last->decided == Decided::kDone);
  CHECK(last->text == decisions[0].text);
  const ProducerState state = known.state();
  CHECK(state.forgotten == std::vector<ForgottenLedger>{{"s2", 92}});
  CHECK((*known.store.lost_documents() == std::vector<LostDocuments>{{"s2", 60}}));
  CHECK(state.ledgers.size() == 1);
  for (const PlanFrom& from : state.plans) CHECK(from.plan.sinks == std::vector<std::string>{"s1"});
}

TEST_CASE("a request that a crash left is applied again and changes nothing") {
  Known known;
  const SinkRequest request{SinkVerb::kForget, "s2", 0};
  REQUIRE(put_request(known.folder.path(), request).ok());
  known.apply({"s1", "s2"});
  const ProducerState once = known.state();
  REQUIRE(put_request(known.folder.path(), request).ok());
  const auto again = known.apply({"s1", "s2"});
  REQUIRE(again.size() == 1);
  CHECK(again[0].decided == Decided::kNothing);
  CHECK((known.state() == once));
}

TEST_CASE("accepting a restored sink keeps its ledger and forgets its commit") {
  Known known;
  REQUIRE(put_request(known.folder.path(), {SinkVerb::kAccept, "s2", 0}).ok());
  CHECK(known.apply({"s1", "s2"})[0].decided == Decided::kDone);
  CHECK(known.state().expected_of("s2") == ExpectedLedger{92, 0, 0, 0});
}

TEST_CASE("a request that cannot be read is an error and changes nothing") {
  Known known;
  write_file(known.folder.path() / "forget-sink.s2", "nonsense");
  ProducerState state = known.state();
  const auto applied = apply_requests(known.folder.path(), known.store, state, {"s1"});
  REQUIRE_FALSE(applied.ok());
  CHECK(applied.error() ==
        corrupt((known.folder.path() / "forget-sink.s2").string() +
                ": expected the number of a ledger, found 'nonsense'; remove the file and run "
                "docmill sink again"));
  CHECK(known.state().ledgers.size() == 2);
}

TEST_CASE("a plan without sinks on disk is damage, not a bug") {
  Known known;
  ProducerState state = known.state();
  state.plans[1].plan.sinks.clear();
  REQUIRE(known.store.replace_sinks(state).ok());
  const auto read = known.store.state();
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().text.ends_with(
      ": damaged: the sinks of the batches from 9 on; check the disk, then start over with "
      "--fresh"));
}

}  // namespace
}  // namespace docmill
