// try_again(): repeats at once what met a renamed file, a few times.
#pragma once

#include "shared/base/result.h"

namespace docmill {

// call: returns a Result; kUnavailable when a file was renamed meanwhile.
template <typename Call>
auto try_again(const Call& call) {
  constexpr int kMaxTries = 4;
  auto done = call();
  for (int tries = 1; !done && done.error().code == ErrorCode::kUnavailable && tries < kMaxTries;
       ++tries) {
    done = call();
  }
  return done;
}

}  // namespace docmill
