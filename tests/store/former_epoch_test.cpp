#include "shared/store/former_epoch.h"

#include "shared/base/random.h"
#include "shared/store/system_disk.h"
#include "shared/store/whole_file.h"
#include "tests/store/temp_folder.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

constexpr std::uint64_t kDay = std::uint64_t{24 * 3600 * 1000} << 21;

struct State {
  TempFolder folder;
  SystemDisk disk;
  FormerEpoch former{disk, folder.path(), "p1"};
};

TEST_CASE_METHOD(State, "without a former epoch the next one is of now") {
  const std::uint64_t before = random_number_of_now() >> 21;
  const auto next = former.next();
  REQUIRE(next);
  CHECK(milliseconds_of(*next) >= before);
  CHECK(*next < random_number_of_now() + kDay);
}

TEST_CASE_METHOD(State, "the next epoch is later than one of a clock that was ahead") {
  const std::uint64_t ahead = random_number_of_now() + kDay;
  REQUIRE(former.keep(ahead));
  const auto next = former.next();
  REQUIRE(next);
  CHECK(*next > ahead);
  CHECK(milliseconds_of(*next) == milliseconds_of(ahead) + 1);
}

TEST_CASE_METHOD(State, "of two former epochs the later one counts") {
  const std::uint64_t ahead = random_number_of_now() + kDay;
  REQUIRE(former.keep(ahead));
  REQUIRE(former.keep(ahead - kDay));
  CHECK(former.read().value() == ahead);
}

TEST_CASE_METHOD(State, "a file with something else is refused by its name") {
  REQUIRE(write_whole(disk, folder / "p1.epoch", "yesterday\n"));
  const auto next = former.next();
  REQUIRE_FALSE(next);
  CHECK(next.error().text ==
        folder / "p1.epoch" + ": expected an epoch in hex, got 'yesterday\n'; remove the file");
}

}  // namespace
}  // namespace docmill
