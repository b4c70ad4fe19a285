// What counts toward the bytes of a batch.
#include "shared/protocol/cutter.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

// Documents of such parts until the batch is full, and the payload that they make.
std::pair<std::uint32_t, std::size_t> filled(std::uint64_t bytes, const DocumentView& view,
                                             std::string_view reason) {
  Plan plan;
  plan.limits = {65536, Bytes{bytes}};
  plan.sinks = {"s1"};
  Cutter cutter({}, plan);
  while (cutter.accepts(view, {}, reason) && !cutter.full()) {
    if (reason.empty()) cutter.add(view);
    if (!reason.empty()) cutter.add_dead(view, reason);
  }
  const Batch batch = cutter.close("p");
  return {batch.documents, batch.payload->size()};
}

TEST_CASE("everything that travels counts toward the bytes of a batch") {
  const std::string megabyte(1 << 20, 'x');
  constexpr std::uint64_t kLimit = 4 << 20;
  struct Case {
    const char* name;
    DocumentView view;
    std::string_view reason;
  };
  DocumentView large_document;
  large_document.bytes = megabyte;
  DocumentView large_metadata;
  large_metadata.bytes = "{}";
  large_metadata.notes = megabyte;
  DocumentView empty;
  const std::vector<Case> cases = {{"the document", large_document, {}},
                                   {"its metadata", large_metadata, {}},
                                   {"the reason of a dead letter", empty, megabyte},
                                   {"the head of an entry", empty, {}}};
  for (const Case& one : cases) {
    INFO(one.name);
    const auto [documents, bytes] = filled(kLimit, one.view, one.reason);
    CHECK(bytes <= kLimit);
    CHECK(documents >=
          (one.view.bytes.size() + one.view.notes.size() + one.reason.size() > 100 ? 3U : 65536U));
  }
  // 1,000 records with an attribute of a megabyte each: a batch each three of them, not one of 1
  // GB.
  CHECK(filled(kLimit, large_metadata, {}).first == 3);
}

// A file that was empty and is gone when it is read again must not move the files behind it.
TEST_CASE("a size of 0 bytes counts as 0 bytes, also for a dead letter with a long reason") {
  Plan plan;
  plan.limits = {65536, Bytes{PayloadWriter::kEntryBytes * 3 + 20}};
  plan.sinks = {"s1"};
  DocumentView empty;
  DocumentView second;
  second.bytes = "0123456789";
  Cutter read({}, plan);
  read.add(empty, 0);
  Cutter gone({}, plan);
  gone.add_dead(empty, std::string(500, 'r'), 0);
  CHECK(read.accepts(second, 10) == gone.accepts(second, 10));
  CHECK(read.full() == gone.full());
  // Without a size the reason is what the document consists of.
  Cutter unknown({}, plan);
  unknown.add_dead(empty, std::string(500, 'r'));
  CHECK(unknown.full());
  CHECK_FALSE(gone.full());
}

TEST_CASE("the names of sources count, each time that another one begins") {
  const std::string path(4000, 'p');
  Plan plan;
  plan.limits = {65536, Bytes{100'000}};
  plan.sinks = {"s1"};
  Cutter cutter({}, plan);
  for (int i = 0; !cutter.full(); ++i) {
    const std::string name = path + std::to_string(i);
    DocumentView view;
    view.bytes = "{}";
    view.origin.source = name;
    if (!cutter.accepts(view)) break;
    cutter.add(view);
  }
  const Batch batch = cutter.close("p");
  CHECK(batch.documents == 24);
  CHECK(batch.payload->size() <= 100'000);
}

}  // namespace
}  // namespace docmill
