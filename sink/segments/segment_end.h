// How a segment ends: with the text that it was begun for, and then with its final name.
//
// It needs only what the ledger has, so that a segment whose output has other settings by now, or
// is gone, ends in the same way. One thread. Errors are those of Output.
#pragma once

#include <cstdint>
#include <string>

#include "shared/base/log.h"
#include "shared/store/append_file.h"
#include "shared/store/ledger_store.h"
#include "sink/segments/segment_names.h"

namespace docmill {

// Gives an ended segment the name of this number. Where another file has that name, the segment
// takes the next number that is free; the result is the number that it has.
Result<std::uint64_t> name_segment(LedgerStore& ledger, const SegmentNames& names,
                                   std::uint64_t number, FileMark mark, Log& log);

// Ends a segment that an earlier life of the sink began. Does what is missing: the text, the commit
// of it, the name; then the ledger may forget it. The result is the segment's number; 0: it had no
// document, and its file is removed. Somebody else's file with the name of the growing segment is
// left alone.
Result<std::uint64_t> end_segment(LedgerStore& ledger, const SegmentMark& segment,
                                  const FileMark& mark, Log& log);

// The same for a segment that no output continues; the ledger forgets it. A growing file that is
// gone, or is somebody else's, is only logged.
Result<void> finish_segment(LedgerStore& ledger, const SegmentMark& segment, const FileMark& mark,
                            Log& log);

// The same for all segments that belong to an output of this path, or get their name there, before
// another kind of output writes there.
Result<void> finish_segments_at(LedgerStore& ledger, const std::string& path, Log& log);

// What the ledger keeps of a segment that grows as `file` and gets the name `path`.
FileMark segment_mark(const AppendFile& file, const std::string& path);

// What is appended to the file to end it.
std::string end_of(const SegmentMark& segment);

// The names of the output that began the segment.
SegmentNames names_of(const SegmentMark& segment);

}  // namespace docmill
