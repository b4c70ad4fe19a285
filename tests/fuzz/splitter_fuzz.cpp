// Any bytes, in pieces of any size: the records and the facts about them are those of the bytes in
// one piece, and a failure is a failure.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/document/cut.h"
#include "tests/fuzz/fuzz_dice.h"

using namespace docmill;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view xml(reinterpret_cast<const char*>(data), size);
  static constexpr const char* kPaths[] = {"/*", "/*/*", "//*/*/*", "//a", "/doc/b"};
  FuzzDice dice(xml);
  XmlSplitOptions options;
  options.always_write_anew = dice.below(2) == 0;
  options.accept_doctype = dice.below(8) != 0;
  if (dice.below(2) == 0) {
    options.limits.document = {200};
    options.sample = {16};
  }
  const char* path = kPaths[dice.below(5)];
  const Cut whole = cut(xml, path, size + 1, options);
  const std::string differs = difference(whole, cut(xml, path, 1 + dice.below(40), options));
  if (differs.empty()) return 0;
  std::fprintf(stderr, "in pieces, differs: %s\n", differs.c_str());
  std::abort();
}
