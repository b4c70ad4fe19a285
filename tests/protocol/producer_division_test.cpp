// How a batch that ends its members is divided, and what that leaves to others.
#include "tests/protocol/producer_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

TEST_CASE("a batch that ended its members is divided, and so is the part that ends one") {
  ProducerFixture producer(two_deaths());
  producer.admit_for_two_deaths(100);
  producer.hear_only({"m3"});
  CHECK(producer.sends().back() == "send 1/3 to 3 [0,7)");
  producer.ack(1, 3, 0, 7);
  CHECK(producer.sends() == Lines{"send 1/4 to 3 [7,14)"});
  producer.hear_started("m3", 1, 4);
  producer.hear_only({"m4"});
  CHECK(producer.sends() == Lines{"send 1/5 to 4 [7,8)"});
  std::uint32_t attempt = 5;
  for (std::uint32_t index = 7; index < 14; ++index) {
    producer.ack(1, attempt++, index, index + 1);
  }
  for (std::uint32_t begin = 14; begin < 98; begin += 7) {
    producer.ack(1, attempt++, begin, begin + 7);
  }
  producer.ack(1, attempt++, 98, 100);
  CHECK(producer.core.in_flight_documents() == 0);
}

TEST_CASE("one death of a member is not enough to condemn a document that travels alone") {
  ProducerFixture producer(two_deaths());
  producer.admit_for_two_deaths(1);
  producer.hear_only({"m3"});
  producer.hear_started("m3", 1, 3);
  producer.hear_only({"m4"});
  CHECK(producer.sends().back() == "send 1/4 to 4 [0,1)");
  producer.hear_started("m4", 1, 4);
  producer.hear_only({"m5"});
  CHECK(producer.sends().back() == "send 1/5 to 5 [0,1) condemned");
  CHECK(producer.last_header.deaths == 2);
}

TEST_CASE("documents that travel alone leave half of the members to the others") {
  ProducerFixture producer(two_deaths());
  producer.admit_for_two_deaths(10);
  producer.sends();
  producer.hear_only({"m3", "m4"});
  CHECK(producer.sends() == Lines{"send 1/3 to 3 [0,1)"});
  producer.admit_durably(1);
  CHECK(producer.sends() == Lines{"send 2/1 to 4 [0,10)"});
}

}  // namespace
}  // namespace docmill
