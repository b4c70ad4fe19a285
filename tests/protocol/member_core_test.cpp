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
  MemberCore core({"m1", 77, "tcp://m1", 2}, {"p1", "p2"}, {"s1"});
  core.define(5);
  return core;
}

// What the producer is told, once.
Heartbeat tell(MemberCore& core, const std::string& producer = "p1") {
  const Heartbeat heartbeat = core.heartbeat_for(producer);
  core.told(heartbeat, producer);
  return heartbeat;
}

TEST_CASE("each batch is reported as queued, then as started, then once as passed") {
  MemberCore core = member();
  const BatchHeader first = header_of("p1", 1, 4);
  const BatchHeader second = header_of("p1", 1, 5);
  CHECK(core.accept(first));
  CHECK(core.accept(second));
  CHECK(tell(core).queued == 2);
  core.started(first);
  core.started(second);
  CHECK(core.has_news_for("p1"));
  const Heartbeat working = tell(core);
  CHECK(working.queued == 0);
  CHECK(working.started == std::vector<Attempt>{{4, 1}, {5, 1}});
  CHECK(working.capacity == 2);
  CHECK(working.run == Run{1, 11});
  CHECK(working.state == MemberState::kReady);
  CHECK_FALSE(core.has_news_for("p1"));
  core.passed(first);
  CHECK(core.has_news_for("p1"));
  const Heartbeat one = tell(core);
  CHECK(one.started == std::vector<Attempt>{{5, 1}});
  CHECK(one.passed == std::vector<Attempt>{{4, 1}});
  CHECK(tell(core).passed.empty());
  CHECK(core.held() == 1);
  CHECK(core.heartbeat_for("p2").started.empty());
}

TEST_CASE("news stays until a heartbeat with it was sent") {
  MemberCore core = member();
  const BatchHeader header = header_of("p1", 1, 4);
  core.accept(header);
  core.passed(header);
  const Heartbeat lost = core.heartbeat_for("p1");
  CHECK(lost.passed.size() == 1);
  CHECK(core.has_news_for("p1"));
  CHECK(tell(core).passed.size() == 1);
  CHECK(core.heartbeat_for("p1").passed.empty());
}

TEST_CASE("much news goes with several heartbeats, each of which fits into a control message") {
  MemberCore core = member();
  for (Sequence sequence = 1; sequence <= 20'000; ++sequence) {
    const BatchHeader header = header_of("p1", 1, sequence);
    core.accept(header);
    core.passed(header);
  }
  std::size_t told = 0;
  while (core.has_news_for("p1")) {
    const Heartbeat heartbeat = tell(core);
    CHECK(encode(ControlRecord(heartbeat), {}).size() < 200'000);
    told += heartbeat.passed.size();
  }
  CHECK(told == 20'000);
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
    CHECK(core.held() == (one.reason ? 0 : 1));
    const Heartbeat news = tell(core);
    REQUIRE(news.returned.size() == (one.reason ? 1 : 0));
    CHECK(news.queued == (one.reason ? 0 : 1));
    if (one.reason) CHECK(news.returned[0] == Heartbeat::Returned{4, 1, *one.reason});
    CHECK(tell(core).returned.empty());
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

TEST_CASE("a started batch that could not be passed on is handed back") {
  MemberCore core = member();
  const BatchHeader header = header_of("p1", 1, 4);
  core.accept(header);
  core.started(header);
  core.hand_back(header, ReturnReason::kSinkUnavailable);
  const Heartbeat news = tell(core);
  CHECK(news.returned.size() == 1);
  CHECK(news.started.empty());
  CHECK(core.held() == 0);
}

BatchHeader answer_of(const std::string& producer, std::uint32_t run) {
  return header_of(producer, run, 0);
}

BatchHeader final_end_of(const std::string& producer, std::uint32_t run) {
  BatchHeader end = header_of(producer, run, 0);
  end.attempt = 0;
  return end;
}

MemberCore connected_member() {
  MemberCore core = member();
  core.set_connected("p1", true);
  core.set_connected("p2", true);
  return core;
}

TEST_CASE("it may leave when it was told to, has nothing in hand, and has every producer's END") {
  MemberCore core = connected_member();
  core.drain();
  CHECK(core.heartbeat_for("p1").state == MemberState::kDraining);
  const BatchHeader header = header_of("p1", 1, 4);
  core.accept(header);
  core.on_end(answer_of("p1", 1));
  core.on_end(answer_of("p2", 1));
  CHECK_FALSE(core.may_leave(true, true));
  core.passed(header);
  CHECK(core.may_leave(false, false));
  core.leave();
  CHECK(core.heartbeat_for("p1").state == MemberState::kGone);
}

TEST_CASE("one producer's END is not enough while the other is connected and has time to answer") {
  MemberCore core = connected_member();
  core.drain();
  core.on_end(answer_of("p1", 1));
  CHECK_FALSE(core.may_leave(true, false));
}

TEST_CASE("a connected producer that does not answer in time holds up nobody") {
  MemberCore core = connected_member();
  const BatchHeader header = header_of("p2", 1, 4);
  core.accept(header);
  core.drain();
  core.on_end(answer_of("p1", 1));
  CHECK_FALSE(core.may_leave(true, true));
  core.passed(header);
  // It may still be sending.
  CHECK_FALSE(core.may_leave(false, true));
  CHECK(core.may_leave(true, true));
}

TEST_CASE("a producer that has ended and gone needs not answer") {
  MemberCore core = connected_member();
  core.on_end(final_end_of("p1", 1));
  core.on_end(final_end_of("p2", 1));
  core.drain();
  CHECK_FALSE(core.may_leave(false, false));
  core.set_connected("p1", false);
  core.set_connected("p2", false);
  CHECK(core.may_leave(false, false));
}

TEST_CASE("a producer that is gone without an END needs not answer when nothing comes any more") {
  MemberCore core = member();
  core.accept(header_of("p1", 1, 4));
  core.passed(header_of("p1", 1, 4));
  core.drain();
  CHECK_FALSE(core.may_leave(false, true));
  CHECK(core.may_leave(true, false));
}

TEST_CASE("an END from before it drained counts when the producer had time to answer") {
  MemberCore core = connected_member();
  core.on_end(final_end_of("p1", 1));
  core.on_end(final_end_of("p2", 1));
  core.drain();
  // p1 may have started again, and its batch may be on its way.
  CHECK_FALSE(core.may_leave(true, false));
  CHECK_FALSE(core.may_leave(false, true));
  CHECK(core.may_leave(true, true));
}

TEST_CASE("a late END of a producer that has ended does not answer a member that drains") {
  MemberCore core = connected_member();
  core.drain();
  core.on_end(answer_of("p2", 1));
  core.on_end(final_end_of("p1", 1));
  CHECK_FALSE(core.may_leave(false, false));
  CHECK(core.may_leave(true, true));
}

TEST_CASE("the END of an earlier run does not count for a new one") {
  MemberCore core = connected_member();
  core.on_end(final_end_of("p1", 1));
  core.on_end(final_end_of("p2", 1));
  core.set_connected("p2", false);
  core.drain();
  const BatchHeader header = header_of("p1", 2, 1);
  core.accept(header);
  core.passed(header);
  CHECK_FALSE(core.may_leave(true, false));
  core.on_end(answer_of("p1", 2));
  CHECK(core.may_leave(false, false));
}

TEST_CASE("what an earlier run sent is worked on, but does not disturb the newer run's news") {
  MemberCore core = member();
  const BatchHeader newer = header_of("p1", 2, 1);
  const BatchHeader older = header_of("p1", 1, 9);
  core.accept(newer);
  core.hand_back(newer, ReturnReason::kSinkUnavailable);
  CHECK(core.accept(older));
  core.started(older);
  const Heartbeat news = tell(core);
  CHECK(news.run == Run{2, 22});
  CHECK(news.started.empty());
  CHECK(news.returned.size() == 1);
  core.hand_back(older, ReturnReason::kSinkUnavailable);
  CHECK(tell(core).returned.empty());
  CHECK(core.held() == 0);
}

TEST_CASE("the first run of a later epoch is newer than any run of the one before") {
  MemberCore core = member();
  core.accept(header_of("p1", 5, 9));
  core.passed(header_of("p1", 5, 9));
  BatchHeader later = header_of("p1", 1, 1);
  later.lineage.epoch = 8;
  core.accept(later);
  core.started(later);
  CHECK(core.heartbeat_for("p1").run == later.run);
  CHECK(core.heartbeat_for("p1").started == std::vector<Attempt>{{1, 1}});
}

}  // namespace
}  // namespace docmill
