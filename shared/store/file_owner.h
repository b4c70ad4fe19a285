// Whether a file belongs to the ledger that has a mark for its path.
//
// Other programs and other pipelines may have files at paths that a ledger knows. Nothing that
// changes, renames or removes a file by such a path may do so before is_ours().
#pragma once

#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/store/disk.h"
#include "shared/store/file_mark.h"

namespace docmill {

// What a FileMark keeps of the bytes that were appended together.
FileTail tail_of(std::string_view appended);

// True for the file that was made for the mark, also when it was changed since, and for a copy of
// it that has the committed bytes. A copy of a folder of documents has the list of names that was
// committed last. A mark without an identity is from a docmill that did not keep
// any: its file must have the committed length. With a length of 0 it owns no file with anything in
// it. False when there is no file. path: where the file is, which may differ from the mark's path.
Result<bool> is_ours(Disk& disk, const std::string& path, const FileMark& mark);

// Whether the tail ends at this length of the file; false for an unknown tail.
Result<bool> has_tail(Disk& disk, const std::string& path, std::uint64_t length,
                      const FileTail& tail);

// Whether the file has these bytes there.
Result<bool> has_bytes(Disk& disk, const std::string& path, std::uint64_t offset,
                       std::string_view bytes);

// How the names of lists end, in a folder of documents that do not have their names yet.
inline constexpr std::string_view kListEnd = ".names";

}  // namespace docmill
