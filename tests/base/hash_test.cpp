#include "shared/base/hash.h"

#include <string>

#include "tests/support/catch.h"

namespace docmill {
namespace {

// These values are on disks and on wires: a change of the function is a change of every format.
TEST_CASE("the hash is XXH3 with 64 bits") {
  CHECK(hash64("") == 0x2d06800538d394c2);
  CHECK(hash64("a") == 0xe6c632b61e964e1f);
  CHECK(hash64("abc") == 0x78af5f94892f3950);
}

TEST_CASE("the hash of no bytes does not depend on where they are") {
  CHECK(hash64(std::string_view()) == hash64(std::string()));
}

TEST_CASE("one changed bit changes the hash, at every length class of the function") {
  for (const std::size_t size : {1u, 3u, 8u, 16u, 128u, 240u, 1000u, 5000u}) {
    const std::string bytes(size, 'x');
    for (const std::size_t at : {std::size_t{0}, size / 2, size - 1}) {
      std::string changed = bytes;
      changed[at] = 'y';
      CHECK(hash64(changed) != hash64(bytes));
    }
  }
}

TEST_CASE("another seed gives another hash, and the seed is 0 unless given") {
  CHECK(hash64("abc", 1) != hash64("abc", 2));
  CHECK(hash64("abc", 0) == hash64("abc"));
}

}  // namespace
}  // namespace docmill
