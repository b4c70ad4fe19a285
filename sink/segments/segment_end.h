// How a segment ends: with the text that it was begun for, and then with its final name.
//
// It needs only what the ledger has, so that a segment whose output has other settings by now, or
// is gone, ends in the same way. One thread. Errors are those of Output.
#pragma once

#include <cstdint>

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

// What the ledger keeps of a segment that grows as `file` and gets the name `path`.
FileMark segment_mark(const AppendFile& file, const std::string& path);

// The names of the output that began the segment.
SegmentNames names_of(const SegmentMark& segment);

}  // namespace docmill
