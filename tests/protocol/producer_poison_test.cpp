// What deaths say of a document: only a death counts, and only where it can be known.
#include "tests/protocol/producer_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a small batch that was started by members that died travels document by document") {
  ProducerFixture producer(two_deaths());
  producer.admit_for_two_deaths(3);
  producer.sends();
  producer.hear_only({"m3"});
  // Alone, so the next document waits until the member has nothing else.
  CHECK(producer.sends() == Lines{"send 1/3 to 3 [0,1)"});
  producer.ack(1, 3, 0, 1);
  CHECK(producer.sends() == Lines{"send 1/4 to 3 [1,2)"});
  producer.hear_started("m3", 1, 4);
  producer.hear_only({"m4"});
  CHECK(producer.sends() == Lines{"send 1/5 to 4 [1,2)"});
  producer.hear_started("m4", 1, 5);
  producer.hear_only({"m5"});
  CHECK(producer.sends() == Lines{"send 1/6 to 5 [2,3)"});
  CHECK(producer.core.counters().condemned == 1);
  producer.ack(1, 6, 2, 3);
  CHECK(producer.sends() == Lines{"send 1/7 to 5 [1,2) condemned"});
  CHECK(producer.last_header.deaths == 2);
  producer.ack(1, 7, 1, 2);
  CHECK(producer.core.in_flight() == 0);
}

TEST_CASE("only the batch that the member had started is counted, not what it held besides") {
  ProducerFixture producer(two_deaths());
  producer.hear("m1");
  producer.admit_durably(2);
  producer.hear_started("m1", 2, 1);
  producer.hear_only({"m2"});
  producer.hear_started("m2", 2, 2);
  producer.sends();
  producer.hear_only({"m3"});
  // Batch 1 was near two deaths and travels alone; batch 2 is in pieces.
  CHECK(producer.sends() == Lines{"send 1/3 to 3 [0,10)"});
  producer.ack(1, 3);
  CHECK(producer.sends() == Lines{"send 2/3 to 3 [0,1)"});
}

TEST_CASE("without news of what was started, what was near too many deaths travels alone") {
  ProducerFixture producer(two_deaths());
  producer.hear("m1");
  producer.admit_durably(2);
  producer.hear_only({"m2"});
  producer.sends();
  producer.hear_only({"m3", "m4"});
  // Each on a member that has nothing else and reports the start first.
  CHECK(producer.sends() == Lines{"send 1/3 to 3 [0,10)"});
  CHECK(producer.last_header.alone);
  producer.ack(1, 3);
  CHECK(producer.sends() == Lines{"send 2/3 to 3 [0,10)"});
  producer.hear_started("m3", 2, 3);
  producer.hear_only({"m4"});
  CHECK(producer.sends() == Lines{"send 2/4 to 4 [0,10)"});
  producer.hear_started("m4", 2, 4);
  producer.hear_only({"m5"});
  CHECK(producer.sends() == Lines{"send 2/5 to 5 [0,1)"});
}

TEST_CASE(
    "a batch is not blamed for a death before its start, though the member had nothing else") {
  ProducerFixture producer(two_deaths());
  producer.hear("m1");
  producer.admit_durably(1);
  producer.hear_started("m1", 1, 1);
  producer.ack(1);
  producer.admit_durably(1);
  producer.hear_only({"m2"});
  producer.hear_started("m2", 2, 2);
  producer.sends();
  producer.hear_only({"m3"});
  CHECK(producer.sends() == Lines{"send 2/3 to 3 [0,10)"});
}

TEST_CASE("a suspect that was sent to a dead member is not condemned") {
  ProducerFixture producer(two_deaths());
  producer.admit_for_two_deaths(3);
  producer.hear_only({"m3"});
  CHECK(producer.sends().back() == "send 1/3 to 3 [0,1)");
  producer.hear_only({"m4"});  // m3 was dead when that was sent, or died of something else
  CHECK(producer.sends() == Lines{"send 1/4 to 4 [0,1)"});
  CHECK(producer.core.counters().condemned == 0);
}

TEST_CASE("a batch that timed out and was moved is still to blame where it was started") {
  ProducerSettings settings = two_deaths();
  settings.timeout.first = 1s;
  settings.max_deaths = 1;
  ProducerFixture producer(settings);
  producer.hear("m1");
  producer.admit_durably(1);
  producer.hear("m2");
  producer.pass(1s);
  producer.hear("m1");
  producer.hear("m2");
  producer.core.on_tick(producer.now);
  CHECK(producer.sends().back() == "send 1/2 to 2 [0,10)");
  producer.hear_started("m1", 1, 1);
  producer.hear_only({"m2"});
  CHECK(producer.sends() == Lines{"send 1/3 to 2 [0,1)"});
}

TEST_CASE("timeouts never count") {
  ProducerSettings settings = two_deaths();
  settings.timeout = {1s, 1s, 1s};
  ProducerFixture producer(settings);
  producer.hear("m1");
  producer.admit_durably(1);
  for (int i = 0; i < 100; ++i) {
    producer.hear("m1");
    producer.tick(500ms);
  }
  producer.sends();
  CHECK(producer.core.counters().timeouts > 10);
  CHECK(producer.core.counters().deaths == 0);
  CHECK(producer.last_header.share == Share{{0, 10}});
}

// Members that work on batch 1 from when they get it on, and never come to an end.
Lines sends_to_members_that_hang(std::size_t members) {
  ProducerSettings settings = two_deaths();
  settings.timeout = {1s, 1s, 1s};
  ProducerFixture producer(settings);
  producer.hear("m1");
  producer.admit_durably(1);
  Lines all = producer.sends();
  for (int second = 0; second < 60; ++second) {
    for (std::size_t i = 1; i <= members; ++i) {
      const std::string name = fmt::format("m{}", i);
      const std::string text = fmt::format("send 1/{} to {} [0,10)", i, i);
      const bool has = std::find(all.begin(), all.end(), text) != all.end();
      has ? producer.hear_started(name, 1, static_cast<std::uint32_t>(i)) : producer.hear(name);
    }
    producer.tick(1s);
    for (const std::string& line : producer.sends()) all.push_back(line);
  }
  return all;
}

TEST_CASE("a batch that its member works on is tried at one more at most, never at the last one") {
  const std::string first = "send 1/1 to 1 [0,10)";
  const std::string second = "send 1/2 to 2 [0,10)";
  CHECK(sends_to_members_that_hang(1) == Lines{first});
  CHECK(sends_to_members_that_hang(2) == Lines{first});
  CHECK(sends_to_members_that_hang(3) == Lines{first, second});
  CHECK(sends_to_members_that_hang(8) == Lines{first, second});
}

TEST_CASE("a batch whose member has ended its work is sent again when no ack comes") {
  ProducerSettings settings = two_deaths();
  settings.timeout = {1s, 1s, 1s};
  ProducerFixture producer(settings);
  producer.hear("m1");
  producer.admit_durably(1);
  producer.hear("m2");
  producer.sends();
  for (int i = 0; i < 10; ++i) {
    producer.hear_started("m1", 1, 1);
    producer.hear("m2");
    producer.tick(1s);
  }
  CHECK(producer.sends() == Lines{});
  producer.hear("m1");
  producer.tick(500ms);
  CHECK(producer.sends() == Lines{});  // the ack may be on its way
  producer.hear("m1");
  producer.hear("m2");
  producer.tick(500ms);
  CHECK(producer.sends() == Lines{"send 1/2 to 2 [0,10)"});
}

TEST_CASE("a member that is kept free for a suspect does not starve it behind other batches") {
  ProducerSettings settings = two_deaths();
  settings.member.batches = 1;
  settings.max_deaths = 1;
  ProducerFixture producer(settings);
  producer.hear("m1");
  producer.hear("m2");
  producer.admit_durably(3);  // 1 on m1, 2 on m2, 3 waits
  producer.hear_started("m2", 2, 1);
  producer.sends();
  producer.hear_only({"m1"});  // m2 dies; m1 is kept for 2, while 1 is on it and 3 waits
  CHECK(producer.sends() == Lines{});
  producer.ack(1);
  CHECK(producer.sends() == Lines{"send 2/2 to 1 [0,1)"});
}

TEST_CASE("a suspect that does not come to an end gives the others as long a turn") {
  ProducerSettings settings = two_deaths();
  settings.timeout = {5s, 5s, 5s};
  settings.member.batches = 1;
  settings.max_deaths = 1;
  ProducerFixture producer(settings);
  producer.hear("m1");
  producer.admit_durably(2);
  producer.hear_started("m1", 1, 1);
  producer.hear_only({});
  producer.sends();
  producer.hear("m2");
  CHECK(producer.sends() == Lines{"send 1/2 to 2 [0,1)"});
  for (int i = 0; i < 10; ++i) {
    producer.hear("m2");
    producer.tick(500ms);
  }
  CHECK(producer.sends() == Lines{"send 2/1 to 2 [0,10)"});
}

TEST_CASE("a member that was kept free for a document takes others when that may go to anybody") {
  ProducerSettings settings = two_deaths();
  settings.timeout = {4s, 4s, 4s};
  settings.max_deaths = 1;
  ProducerFixture producer(settings);
  producer.hear("m1");
  producer.admit(1);
  producer.commit_all();
  producer.hear_started("m1", 1, 1);
  producer.hear_only({"m2", "m3"});
  CHECK(producer.sends() == Lines{"send 1/1 to 1 [0,1)", "send 1/2 to 2 [0,1)"});
  producer.hear_state("m2", MemberState::kDraining);
  const auto hear_for = [&](int half_seconds) {
    for (int i = 0; i < half_seconds; ++i) {
      producer.hear_started("m2", 1, 2);
      producer.hear("m3");
      producer.tick(500ms);
    }
  };
  hear_for(14);
  producer.admit_durably(1);
  CHECK(producer.sends() == Lines{"send 2/1 to 3 [0,10)"});
  // Its time on m2 is over, and the others had as long a turn: m3 is kept free for it.
  hear_for(3);
  producer.admit_durably(1);
  CHECK(producer.sends() == Lines{});
  producer.hear_only({"m3"});
  CHECK(producer.sends() == Lines{"send 1/3 to 3 [0,1) condemned", "send 3/1 to 3 [0,10)"});
}

}  // namespace
}  // namespace docmill
