// What the log says of processors that cannot be made and of batches that are handed back, however
// often they come.
#include <algorithm>

#include "shared/base/hash.h"
#include "tests/transformer/transformer_fixture.h"

namespace docmill::test {
namespace {

std::ptrdiff_t lines_with(const KeptLines& log, std::string_view text) {
  return std::count_if(log.lines.begin(), log.lines.end(), [&](const std::string& line) {
    return line.find(text) != std::string::npos;
  });
}

TEST_CASE_METHOD(TransformerFixture,
                 "processors that cannot be made cost one line a minute, however often they come") {
  const std::string text = "no definition";
  BatchHeader definition = header(0, "s1");
  definition.kind = MessageKind::kDefinition;
  definition.processors = hash64(text);
  definition.share.clear();
  definition.documents = 0;
  for (int times = 0; times < 50; ++times) arrives(definition, text);
  turns(std::chrono::seconds(1));
  CHECK(documents.waiting.empty());
  CHECK(lines_with(log, "cannot be made here") == 1);
  CHECK(lines_with(log, "the version of docmill that p1 has") == 1);
  turns(std::chrono::minutes(1));
  arrives(definition, text);
  turns(std::chrono::seconds(1));
  CHECK(lines_with(log, "cannot be made here") == 2);
  CHECK(lines_with(log, "(49 more like it)") == 1);
}

TEST_CASE_METHOD(TransformerFixture,
                 "batches that cannot be read are all handed back, and cost one line a minute") {
  for (Sequence sequence = 1; sequence <= 20; ++sequence) {
    arrives(header(sequence, "s1"), "no payload");
    turn();
    work();
  }
  turns(std::chrono::seconds(2));
  CHECK(returned(p1).size() == 20);
  CHECK(lines_with(log, "batch 1 of p1 is handed back: ") == 1);
  CHECK(lines_with(log, "is handed back: ") == 1);
}

}  // namespace
}  // namespace docmill::test
