// docmill run --fresh: what an earlier run has left is moved aside, never deleted.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/states.h"
#include "shared/base/result.h"
#include "shared/runtime/aside.h"

namespace docmill {

// Moves the files that the sinks' ledgers know and then the state folder to "PATH.before-STAMP". A
// name that is taken gets "-2" and so on. On an Error, what was moved so far stays moved; the state
// folder goes last, so that a second try knows the rest. A damaged ledger does not stop it: to
// start over is the cure for that. kUnavailable: a ledger cannot be read now, and nothing was
// moved. sources: files that are read; they stay, also where a ledger knows them.
// The new state folder has the epochs of the producers, so that they begin with later ones.
Result<Aside> move_aside(const StateLocks& locks, const std::filesystem::path& state,
                         const std::vector<std::filesystem::path>& sources,
                         const std::string& stamp);

}  // namespace docmill
