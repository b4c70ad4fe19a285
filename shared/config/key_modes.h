// Who may read secret keys: their owner, and nobody else.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "shared/config/findings.h"

namespace docmill {

// What is wrong with the mode of a secret key's file, with the cure; nothing when it is right.
std::optional<std::string> key_mode_problem(const std::filesystem::path& path, mode_t mode);

// Reports each NAME.secret of the folder that others can read. Not every host has the folder, and
// none needs to have all of its files.
void check_key_modes(const std::filesystem::path& folder, int line, const Place& place);

}  // namespace docmill
