// Any bytes, in pieces of any size: the items and the facts about them are those of the bytes in
// one piece, and what is a document is read to its end.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "shared/document/json_splitter.h"
#include "tests/document/cut.h"
#include "tests/fuzz/fuzz_dice.h"

using namespace docmill;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  static constexpr const char* kPaths[] = {"", "/a", "/*", "/*/*", "/0/*/b"};
  FuzzDice dice(json);
  JsonSplitOptions options;
  if (dice.below(2) == 0) {
    options.limits.document = {200};
    options.sample = {16};
  }
  const JsonPath path = JsonPath::parse(kPaths[dice.below(5)]).value();
  const Cut whole = cut_by(JsonSplitter(path, options), json, size + 1);
  std::string differs =
      difference(whole, cut_by(JsonSplitter(path, options), json, 1 + dice.below(40)));
  JsonScanner scanner;
  JsonTape tape;
  if (differs.empty() && !whole.error.empty() && scanner.scan(json, tape)) {
    differs = "a document that is refused: " + whole.error;
  }
  if (differs.empty()) return 0;
  std::fprintf(stderr, "differs: %s\n", differs.c_str());
  std::abort();
}
