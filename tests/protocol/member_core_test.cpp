#include "shared/protocol/member_core.h"

#include "tests/support/catch.h"

namespace docmill {
namespace {

BatchHeader header_of(const std::string& producer, std::uint32_t run, Sequence sequence) {
  BatchHeader header;
  header.lineage = {producer, 7};
  header.run = {run, std::uint64_t{11} * run};
  header.sequence = sequence;
  header.attempt = 1;
  header.sinks = {"s1"};
  header.processors = 5;
  return header;
}

MemberCore member() {
  MemberCore core({"m1", 77, "tcp://m1"}, {"p1", "p2"}, {"s1"});
  core.define(5);
  return core;
}

TEST_CASE("what is worked on is told, and told no more when it was passed on") {
  MemberCore core = member();
  CHECK(core.accept(header_of("p1", 1, 4)));
  CHECK(core.producers_with_news() == std::vector<std::string>{"p1"});
  const Presence working = core.presence_for("p1");
  CHECK(working.started == Presence::Started{4, 1});
  CHECK(working.run == Run{1, 11});
  CHECK(working.state == MemberState::kReady);
  CHECK(core.producers_with_news().empty());
  core.finished();
  CHECK_FALSE(core.presence_for("p1").started);
  CHECK_FALSE(core.presence_for("p2").started);
}

struct HandBackCase {
  const char* name;
  void (*change)(BatchHeader& header);
  std::optional<ReturnReason> reason;
};

TEST_CASE("what cannot be worked on is handed back with the reason, once") {
  const std::vector<HandBackCase> cases = {
      {"all is known", [](BatchHeader&) {}, {}},
      {"other processors", [](BatchHeader& h) { h.processors = 6; },
       ReturnReason::kUnknownProcessors},
      {"other processors of a condemned batch, which needs none",
       [](BatchHeader& h) {
         h.processors = 6;
         h.condemned = true;
       },
       {}},
      {"a sink without an address",
       [](BatchHeader& h) {
         h.sinks = {"s1", "s2"};
       },
       ReturnReason::kUnknownSink},
  };
  for (const HandBackCase& one : cases) {
    INFO(one.name);
    MemberCore core = member();
    BatchHeader header = header_of("p1", 1, 4);
    one.change(header);
    CHECK(core.accept(header) == !one.reason);
    const Presence news = core.presence_for("p1");
    REQUIRE(news.returned.size() == (one.reason ? 1 : 0));
    CHECK(news.started.has_value() == !one.reason);
    if (one.reason) CHECK(news.returned[0] == Presence::Returned{4, 1, *one.reason});
    CHECK(core.presence_for("p1").returned.empty());
  }
}

TEST_CASE("a definition makes the next batch acceptable") {
  MemberCore core = member();
  BatchHeader header = header_of("p1", 1, 4);
  header.processors = 6;
  CHECK_FALSE(core.accept(header));
  core.define(6);
  CHECK(core.accept(header));
}

TEST_CASE("a batch that could not be passed on is handed back") {
  MemberCore core = member();
  core.accept(header_of("p1", 1, 4));
  core.hand_back(ReturnReason::kSinkUnavailable);
  const Presence news = core.presence_for("p1");
  CHECK(news.returned.size() == 1);
  CHECK_FALSE(news.started);
}

TEST_CASE("it may leave when it was told to, has nothing in hand, and has every producer's END") {
  MemberCore core = member();
  core.drain();
  CHECK(core.presence_for("p1").state == MemberState::kDraining);
  core.accept(header_of("p1", 1, 4));
  core.on_end(header_of("p1", 1, 0));
  core.on_end(header_of("p2", 1, 0));
  CHECK_FALSE(core.may_leave(true));
  core.finished();
  CHECK(core.may_leave(false));
  core.leave();
  CHECK(core.presence_for("p1").state == MemberState::kGone);
}

TEST_CASE("one producer's END is not enough") {
  MemberCore core = member();
  core.drain();
  core.on_end(header_of("p1", 1, 0));
  core.rest();
  CHECK_FALSE(core.may_leave(true));
}

TEST_CASE("an END from before it drained counts when it has waited and nothing is there any more") {
  MemberCore core = member();
  core.on_end(header_of("p1", 1, 0));
  core.on_end(header_of("p2", 1, 0));
  core.rest();
  core.drain();
  // p1 may have started again, and its batch may be on its way.
  CHECK_FALSE(core.may_leave(false));
  CHECK(core.may_leave(true));
  core.accept(header_of("p2", 1, 5));
  core.finished();
  CHECK_FALSE(core.may_leave(true));
  core.rest();
  CHECK(core.may_leave(true));
}

TEST_CASE("a late END of a producer that has ended does not answer a member that drains") {
  MemberCore core = member();
  core.drain();
  core.on_end(header_of("p2", 1, 0));
  BatchHeader late = header_of("p1", 1, 0);
  late.attempt = 0;
  core.on_end(late);
  CHECK_FALSE(core.may_leave(false));
  core.rest();
  CHECK(core.may_leave(true));
}

TEST_CASE("the END of an earlier run does not count for a new one") {
  MemberCore core = member();
  core.on_end(header_of("p1", 1, 0));
  core.on_end(header_of("p2", 1, 0));
  core.drain();
  core.accept(header_of("p1", 2, 1));
  core.finished();
  core.rest();
  CHECK_FALSE(core.may_leave(true));
  core.on_end(header_of("p1", 2, 0));
  core.rest();
  CHECK(core.may_leave(true));
}

TEST_CASE("what an earlier run sent is worked on, but does not disturb the newer run's news") {
  MemberCore core = member();
  core.accept(header_of("p1", 2, 1));
  core.hand_back(ReturnReason::kSinkUnavailable);
  CHECK(core.accept(header_of("p1", 1, 9)));
  const Presence news = core.presence_for("p1");
  CHECK(news.run == Run{2, 22});
  CHECK_FALSE(news.started);
  CHECK(news.returned.size() == 1);
  core.hand_back(ReturnReason::kSinkUnavailable);
  CHECK(core.presence_for("p1").returned.empty());
}

TEST_CASE("the first run of a later epoch is newer than any run of the one before") {
  MemberCore core = member();
  core.accept(header_of("p1", 5, 9));
  core.finished();
  BatchHeader later = header_of("p1", 1, 1);
  later.lineage.epoch = 8;
  core.accept(later);
  CHECK(core.presence_for("p1").run == later.run);
  CHECK(core.presence_for("p1").started == Presence::Started{1, 1});
}

}  // namespace
}  // namespace docmill
