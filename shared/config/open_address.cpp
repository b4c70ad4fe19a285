#include "shared/config/open_address.h"

#include <fmt/format.h>

namespace docmill {

std::optional<std::string> open_problem(const Address& address, std::string_view cure) {
  if (address.is_local()) return std::nullopt;
  return fmt::format(
      "is open to other machines; {} where that network is trusted, or bind 127.0.0.1", cure);
}

}  // namespace docmill
