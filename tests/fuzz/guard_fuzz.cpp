// Any bytes: docmill's verdict is expat's, but for what the judge allows.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/mutations/judge.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static docmill::Judge judge;
  const std::string document(reinterpret_cast<const char*>(data), size);
  const std::string difference = judge.difference(document);
  if (difference.empty()) return 0;
  std::fprintf(stderr, "verdicts differ: %s\n", difference.c_str());
  std::abort();
}
