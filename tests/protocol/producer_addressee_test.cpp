#include "tests/protocol/producer_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

TEST_CASE("each message names the pipeline and the start of the member that it is for") {
  ProducerSettings settings;
  settings.pipeline = "books";
  ProducerFixture producer(settings);
  Heartbeat heartbeat = producer.heartbeat("m1");
  heartbeat.incarnation = 77;
  producer.core.on_heartbeat(heartbeat, producer.now);
  producer.admit_durably(1);
  CHECK(producer.sends() == Lines{"send 1/1 to 1 [0,10)"});
  CHECK(producer.last_header.pipeline == "books");
  CHECK(producer.last_header.member == 77);
  CHECK(producer.last_header.sink.empty());
  heartbeat.returned = {{1, 1, ReturnReason::kUnknownProcessors}};
  producer.core.on_heartbeat(heartbeat, producer.now);
  CHECK(producer.lines() == Lines{"definition of 5 to 1", "send 1/2 to 1 [0,10)"});
  heartbeat.returned.clear();
  heartbeat.state = MemberState::kDraining;
  producer.core.on_heartbeat(heartbeat, producer.now);
  CHECK(producer.lines() == Lines{"end to 1", "disconnect 1 when delivered"});
  CHECK(producer.last_header.kind == MessageKind::kEnd);
  CHECK(producer.last_header.pipeline == "books");
  CHECK(producer.last_header.member == 77);
}

}  // namespace
}  // namespace docmill
