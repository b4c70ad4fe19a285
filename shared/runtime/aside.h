// What an earlier run has left, moved aside, never deleted: `docmill run --fresh` for a whole
// pipeline, and --fresh of a single producer or sink.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "shared/base/result.h"
#include "shared/store/file_mark.h"
#include "shared/store/state_folder.h"

namespace docmill {

struct Aside {
  std::vector<std::pair<std::filesystem::path, std::filesystem::path>> moves;  // from, to
  std::vector<std::string> remarks;  // what stays, and why
};

// The files that the ledger in this folder knows. A damaged ledger is a remark: to start over is
// the cure for that. kUnavailable: it cannot be read now, for example because another program has
// its database locked. So read all ledgers before anything is moved.
Result<std::vector<FileMark>> files_of(const StateFolder& folder, Aside& aside);
// To "PATH.before-STAMP". A name that is taken gets "-2" and so on. sources: files, folders and
// patterns that are read; such a file stays, also when a ledger knows it. So does a file of
// somebody else at a path that a ledger knows; that is a remark. On an Error, what was moved so far
// stays moved.
Result<void> move_files_aside(const std::vector<FileMark>& files,
                              const std::vector<std::filesystem::path>& sources,
                              const std::string& stamp, Aside& aside);
// One file or folder; nothing when it is missing.
Result<void> move_one_aside(const std::filesystem::path& path, const std::string& stamp,
                            Aside& aside);

// The epoch that the next state of this producer must be later than; 0: none is known. What cannot
// be read is a remark, or kUnavailable, as in files_of().
Result<std::uint64_t> last_epoch_of(const std::filesystem::path& state, const StateFolder& folder,
                                    Aside& aside);

// The files and the state of one daemon. Its folder, state/NAME, goes to state.before-STAMP/NAME,
// or state.before-STAMP-2/NAME if it has started over in this second already.
// sources: as above. kConfig when the daemon runs; kUnavailable as files_of(), and nothing is
// moved.
Result<Aside> move_daemon_aside(const std::filesystem::path& state, const std::string& name,
                                const std::vector<std::filesystem::path>& sources,
                                const StateFolder::LockWait& wait);

// The present time in UTC: "20261122T035045Z".
std::string stamp_now();

}  // namespace docmill
