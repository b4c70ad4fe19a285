// The files that keys are kept in: NAME.secret, for its owner alone, and NAME.public, for
// everybody.
//
// Text: a line that begins with '#' says what it is, the other one is the key. Any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/transport/key_pair.h"

namespace docmill {

inline constexpr std::string_view kSecretEnding = ".secret";
inline constexpr std::string_view kPublicEnding = ".public";

// "FOLDER/NAME.secret".
std::filesystem::path key_path(const std::filesystem::path& folder, std::string_view name,
                               std::string_view ending);

// All errors are config errors. cure: what to do where the file is not there.
Result<std::string> read_public_key(const std::filesystem::path& path, std::string_view cure);
// Refuses a file that others can read or write, too.
Result<KeyPair> read_secret_key(const std::filesystem::path& path, std::string_view cure);

// A config error when one of the two files is there.
Result<void> expect_no_key(const std::filesystem::path& folder, std::string_view name);
// Makes both files of a new pair, durably, and never in the place of one that is there.
Result<void> write_key_pair(const std::filesystem::path& folder, std::string_view name,
                            const KeyPair& pair);

}  // namespace docmill
