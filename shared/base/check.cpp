#include "shared/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace docmill {

void abort_with(const char* file, int line, const std::string& text) {
  std::fprintf(stderr, "%s:%d: bug: %s\n", file, line, text.c_str());
  std::abort();
}

}  // namespace docmill
