// What is said of an address that other machines can reach, where nothing protects it.
//
// A pure function.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shared/config/address.h"

namespace docmill {

// Nothing when nobody outside this machine reaches it. cure: what the file may say instead of
// another address: "add 'insecure: true'".
std::optional<std::string> open_problem(const Address& address, std::string_view cure);

}  // namespace docmill
