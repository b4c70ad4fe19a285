#include "tests/transformer/note_processor_cases.h"

namespace docmill::test {
namespace {

TEST_CASE("key is the first text at a path, a constant or the default") { check_notes("key"); }

TEST_CASE("a document without the key it must have is a dead letter") {
  check_missing_notes("key");
}

}  // namespace
}  // namespace docmill::test
