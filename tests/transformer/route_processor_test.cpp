#include "tests/transformer/note_processor_cases.h"

namespace docmill::test {
namespace {

TEST_CASE("route is the first text at a path, a constant or the default") { check_notes("route"); }

TEST_CASE("a document without the route it must have is a dead letter") {
  check_missing_notes("route");
}

}  // namespace
}  // namespace docmill::test
