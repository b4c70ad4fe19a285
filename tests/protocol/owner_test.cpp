#include "shared/protocol/owner.h"

#include <cstdlib>
#include <map>

#include "tests/support/catch.h"

namespace docmill {
namespace {

const Lineage kLineage = {.producer = "p1", .epoch = 0x1122334455667788};

TEST_CASE("the owner of a sequence does not depend on the order of the list") {
  const std::vector<std::string> sinks = {"s1", "s2", "s3", "s4"};
  std::vector<std::string> reversed(sinks.rbegin(), sinks.rend());
  for (Sequence sequence = 1; sequence <= 1'000; ++sequence) {
    REQUIRE(owner_of(kLineage, sequence, sinks) == owner_of(kLineage, sequence, reversed));
  }
}

TEST_CASE("the owner of a sequence is the same in every version of docmill") {
  // A ledger has what it owns: another answer would deliver again what is in another sink's.
  const std::vector<std::string> sinks = {"s1", "s2", "s3"};
  std::string owners;
  for (Sequence sequence = 1; sequence <= 16; ++sequence) {
    owners += owner_of(kLineage, sequence, sinks).back();
  }
  CHECK(owners == "3212313212211131");
}

TEST_CASE("a sink that is new takes its part from every other one, and nothing else moves") {
  constexpr int kSequences = 12'000;
  const std::vector<std::string> three = {"s1", "s2", "s3"};
  const std::vector<std::string> four = {"s1", "s2", "s3", "s4"};
  std::map<std::string, int> before;
  std::map<std::string, int> taken_from;
  for (Sequence sequence = 1; sequence <= kSequences; ++sequence) {
    const std::string& old_owner = owner_of(kLineage, sequence, three);
    const std::string& new_owner = owner_of(kLineage, sequence, four);
    ++before[old_owner];
    if (new_owner == old_owner) continue;
    REQUIRE(new_owner == "s4");
    ++taken_from[old_owner];
  }
  for (const std::string& sink : three) {
    INFO(sink);
    CHECK(std::abs(before[sink] - kSequences / 3) < kSequences / 30);
    CHECK(std::abs(taken_from[sink] - kSequences / 12) < kSequences / 80);
  }
}

TEST_CASE(
    "the owner of a key is the same in every version of docmill, and in any order of the list") {
  const std::vector<std::string> sinks = {"s1", "s2", "s3"};
  const std::vector<std::string> reversed(sinks.rbegin(), sinks.rend());
  std::string owners;
  for (int key = 0; key < 16; ++key) {
    const std::string& owner = owner_of_key(std::to_string(key), sinks);
    REQUIRE(owner == owner_of_key(std::to_string(key), reversed));
    owners += owner.back();
  }
  CHECK(owners == "3313232232223231");
}

TEST_CASE("keys are spread evenly, and a sink that is new takes its part from every other one") {
  constexpr int kKeys = 12'000;
  const std::vector<std::string> three = {"s1", "s2", "s3"};
  const std::vector<std::string> four = {"s1", "s2", "s3", "s4"};
  std::map<std::string, int> before;
  std::map<std::string, int> taken_from;
  for (int key = 0; key < kKeys; ++key) {
    const std::string& old_owner = owner_of_key(std::to_string(key), three);
    const std::string& new_owner = owner_of_key(std::to_string(key), four);
    ++before[old_owner];
    if (new_owner == old_owner) continue;
    REQUIRE(new_owner == "s4");
    ++taken_from[old_owner];
  }
  for (const std::string& sink : three) {
    INFO(sink);
    CHECK(std::abs(before[sink] - kKeys / 3) < kKeys / 30);
    CHECK(std::abs(taken_from[sink] - kKeys / 12) < kKeys / 80);
  }
}

TEST_CASE("two producers, or two epochs of one, spread their sequences differently") {
  const std::vector<std::string> sinks = {"s1", "s2"};
  const auto owners = [&sinks](const Lineage& lineage) {
    std::string all;
    for (Sequence sequence = 1; sequence <= 64; ++sequence) {
      all += owner_of(lineage, sequence, sinks).back();
    }
    return all;
  };
  CHECK(owners({"p1", 1}) != owners({"p2", 1}));
  CHECK(owners({"p1", 1}) != owners({"p1", 2}));
}

}  // namespace
}  // namespace docmill
