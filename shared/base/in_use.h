// The text about an address that another process has. `docmill run` knows it in the log of a
// daemon. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace docmill {

inline constexpr std::string_view kInUse =
    ": in use by another process; stop it first, or choose another address";

inline std::string in_use(std::string_view address) { return std::string(address).append(kInUse); }

}  // namespace docmill
