// How a command ends that cannot do what it was asked: the error on standard error, and its code.
#pragma once

#include <fmt/format.h>

#include <cstdio>

#include "shared/base/put_text.h"
#include "shared/runtime/exit_code.h"

namespace docmill {

inline int refuse(const Error& error) {
  put_text(stderr, "{}\n", error.text);
  return exit_code(error.code);
}

}  // namespace docmill
