// How a failed check shows an Error.
#pragma once

#include <ostream>

#include "shared/base/result.h"

namespace docmill {

inline std::ostream& operator<<(std::ostream& out, const Error& error) {
  return out << "Error " << static_cast<int>(error.code) << " \"" << error.text << '"';
}

}  // namespace docmill
