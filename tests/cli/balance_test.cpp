// When a balance adds up, and what it says when it does not.
#include "cli/balance.h"

#include "tests/support/catch.h"

namespace docmill::test {
namespace {

Balance balance(Totals producers, LedgerTotals sinks, bool finished = true) {
  return {.producers = {{"p1", {1, 1, 1}, 0}, {"p2", producers, 0}},
          .sinks = {{"s1", sinks}},
          .finished = finished};
}

struct Case {
  Balance balance;
  std::vector<std::string> differences = {};
  std::vector<std::string> remarks = {};
};

TEST_CASE("A balance adds up when the sinks have settled what the producers count") {
  const std::string collided =
      "1 batch came with other content than what was settled before; its documents are dead "
      "letters, and the sinks count both";
  const std::vector<Case> cases = {
      {.balance = balance({9, 2, 0}, {.delivered = 10, .filtered = 3, .dead = 1})},
      {.balance = balance({9, 2, 0}, {.delivered = 9, .filtered = 3, .dead = 2}),
       .differences = {"delivered: the producers (p1, p2) count 10, the sinks (s1) 9: 1 missing",
                       "dead: the producers (p1, p2) count 1, the sinks (s1) 2: 1 too many"}},
      {.balance = balance({1, 1, 1}, {.delivered = 5, .filtered = 2, .dead = 2}, false),
       .remarks = {"the sinks have settled 3 documents more than the producers know yet; they will "
                   "not be written twice"}},
      {.balance = balance({1, 1, 1}, {.delivered = 1, .filtered = 2, .dead = 2}, false),
       .differences = {"delivered: the producers (p1, p2) count 2, the sinks (s1) 1: 1 missing"}},
      {.balance = balance({1, 1, 1}, {.delivered = 4, .filtered = 2, .dead = 2, .collisions = 1}),
       .remarks = {collided}},
  };
  for (const Case& test : cases) {
    CHECK(test.balance.differences() == test.differences);
    CHECK(test.balance.remarks() == test.remarks);
  }
}

TEST_CASE("What was read and not settled is missing at the end, and in flight after a stop") {
  Balance open{.producers = {{"p1", {5, 0, 0}, 3}}, .sinks = {{"s1", {.delivered = 5}}}};
  CHECK(open.differences().empty());
  open.finished = true;
  CHECK(open.differences() ==
        std::vector<std::string>{"p1: 3 documents were read and are not settled"});
}

TEST_CASE("A balance is a table for people and an object for programs") {
  const Balance balance{
      .producers = {{"p1", {1200, 20, 3}, 4}},
      .sinks = {
          {"s1",
           {.delivered = 1200, .filtered = 20, .dead = 3, .written = 1300, .suppressed = 7}}}};
  CHECK(
      balance.table() ==
      "producer            read =     delivered +   filtered +     dead + in flight\n"
      "p1                 1,227           1,200           20          3           4\n"
      "sink             written       delivered     filtered       dead    repeated   collisions\n"
      "s1                 1,300           1,200           20          3           7            "
      "0\n");
  CHECK(balance.json() ==
        R"({"event":"balance","finished":false,"adds_up":true,"differences":[],"remarks":[],)"
        R"("producers":[{"name":"p1","read":1227,"delivered":1200,"filtered":20,"dead":3,)"
        R"("in_flight":4}],"sinks":[{"name":"s1","written":1300,"delivered":1200,"filtered":20,)"
        R"("dead":3,"suppressed":7,"collisions":0}],"spools":[],"given_up":[],"lost":[]})");
}

TEST_CASE("What was spilled is told apart as delivered, waiting and refused") {
  Balance balance{
      .producers = {{"p1", {20, 0, 0}, 0}},
      .sinks = {{"s1", {.delivered = 20, .written = 20}}},
      .spools = {{"s1", "state/s1/http-1", {"http-1", "http://a/", {2000, 300, 1, 0}, {{1, 1}}}},
                 {"s1", "state/s1/http-2", {"http-2", "http://b/", {20, 0, 0, 0}, {}}}},
      .finished = true};
  CHECK(balance.table().substr(balance.table().find("spool")) ==
        "spool            spilled =     delivered +    waiting +  refused\n"
        "s1                 2,301           2,000            1        300   http://a/\n"
        "s1                    20              20            0          0   http://b/\n");
  CHECK(balance.waiting() ==
        std::vector<std::string>{
            "s1: 1 document waits in state/s1/http-1 for http://a/; run again to send it"});
  CHECK(balance.differences().empty());
  CHECK(balance.json().find(
            R"("spools":[{"sink":"s1","folder":"state/s1/http-1","receiver":"http://a/",)"
            R"("spilled":2301,"delivered":2000,"refused":300,"waiting":1,"lost":0},)") !=
        std::string::npos);
  balance.spools.front().mark.totals.lost = 2;
  CHECK(balance.differences() ==
        std::vector<std::string>{
            "s1: 2 documents that waited in state/s1/http-1 could not be read; they are lost"});
}

TEST_CASE("What was lost with a sink explains so many missing documents, and no more") {
  struct Case {
    Totals producers;
    LostDocuments lost;
    bool finished;
    std::vector<std::string> differences;
  };
  const std::string missing =
      "delivered: the producers (p1) count 20, the sinks (s1) 12: 8 missing";
  const std::vector<Case> cases = {
      {{20, 0, 0}, {"s2", 8}, true, {}},        {{18, 0, 3}, {"s2", 9}, true, {}},
      {{20, 0, 0}, {"s2", 9}, true, {missing}}, {{20, 0, 0}, {"s2", 7}, true, {missing}},
      {{20, 0, 0}, {"s2", 9, false}, true, {}}, {{20, 0, 0}, {"s2", 7, false}, true, {missing}},
      {{20, 0, 0}, {"s2", 9}, false, {}},       {{20, 0, 0}, {"s2", 7}, false, {missing}},
  };
  for (const Case& test : cases) {
    const Balance balance{.producers = {{"p1", test.producers, 0}},
                          .sinks = {{"s1", {.delivered = 12}}},
                          .lost = {{"p1", test.lost}},
                          .finished = test.finished};
    INFO(test.lost.documents << " lost, exact " << test.lost.exact);
    CHECK(balance.differences() == test.differences);
  }
  const Balance balance{
      .producers = {}, .sinks = {}, .lost = {{"p1", {"s2", 1200, false}}}, .finished = true};
  CHECK(balance.remarks() ==
        std::vector<std::string>{
            "p1: at most 1,200 documents that sink s2 had acknowledged were given up with docmill "
            "sink; they are in no output that is counted here"});
  CHECK(balance.json().ends_with(
      R"("lost":[{"producer":"p1","sink":"s2","documents":1200,"exact":false}]})"));
}

TEST_CASE("Batches that were given up are listed, and sinks may have settled some of them") {
  const Balance balance{.producers = {{"p1", {20, 0, 0}, 0}},
                        .sinks = {{"s1", {.delivered = 24, .written = 24}}},
                        .given_up = {{"p1", {18, 19, 2048, "in/a.ndjson from record 58 on"}},
                                     {"p1", {20, 19, 0, "in/b.ndjson from record 7 on"}}},
                        .finished = true};
  CHECK(balance.differences().empty());
  CHECK(balance.remarks() ==
        std::vector<std::string>{
            "p1: in/a.ndjson from record 58 on of a former source was given up (batches 18 to 19, "
            "at most 2,048 documents); what no sink has settled of it is in no output",
            "p1: in/b.ndjson from record 7 on of a former source was given up (not read to its "
            "end); what no sink has settled of it is in no output"});
  CHECK(balance.json().find(
            R"("given_up":[{"producer":"p1","first":18,"last":19,"documents":2048,)") !=
        std::string::npos);
}

}  // namespace
}  // namespace docmill::test
