#include "sink/segments/segment_end.h"

#include <algorithm>

#include "shared/store/file_owner.h"
#include "shared/store/folder.h"
#include "sink/segments/rename.h"

namespace docmill {
namespace {

// Appends the text and commits it. A crash before the commit cuts it off, and it is written again.
Result<FileMark> write_end(LedgerStore& ledger, const SegmentMark& segment, const std::string& next,
                           const FileMark& mark) {
  auto file = AppendFile::open(ledger.disk(), open_name(segment.path), mark);
  if (!file) return file.error();
  if (auto cut = file->cut_back(); !cut) return cut.error();
  file->append(end_of(segment));
  if (auto synced = file->sync(); !synced) return synced.error();
  FileMark ended = segment_mark(*file, segment.path);
  ended.ended = true;
  if (auto put = ledger.put({ended, {next, 0}}); !put) return put.error();
  return ended;
}

}  // namespace

std::string end_of(const SegmentMark& segment) {
  const auto packer = make_packer(packing_of(segment.packing));
  if (!packer || segment.end.empty()) return segment.end;
  std::string packed;
  packer->pack(segment.end, packed);
  return packed;
}

FileMark segment_mark(const AppendFile& file, const std::string& path) {
  FileMark mark = file.mark();
  mark.path = path;
  mark.growth = FileGrowth::kSegment;
  return mark;
}

SegmentNames names_of(const SegmentMark& segment) {
  const Packing packing = packing_of(segment.packing);
  const SegmentNames plain(segment.output, false, packing);
  return plain.name(1) == segment.path ? plain : SegmentNames(segment.output, true, packing);
}

Result<std::uint64_t> name_segment(LedgerStore& ledger, const SegmentNames& names,
                                   std::uint64_t number, FileMark mark, Log& log) {
  Disk& disk = ledger.disk();
  const std::string wanted = names.name(number);
  const std::string open = open_name(wanted);
  auto named = rename_new(disk, open, wanted);
  while (named && !*named) {
    std::string other;
    do {
      other = names.name(++number);
    } while (is_there(disk, other) || is_there(disk, open_name(other)));
    log.warn("{}: a file that this sink's ledger does not know has this name; {} becomes {}",
             wanted, open, other);
    // In the ledger before it has the name, or the ledger would not know the file.
    mark.path = other;
    if (auto put = ledger.put({mark, {names.name(number + 1), 0}}); !put) return put.error();
    named = rename_new(disk, open, other);
  }
  if (!named) return named.error();
  return number;
}

Result<std::uint64_t> end_segment(LedgerStore& ledger, const SegmentMark& segment,
                                  const FileMark& mark, Log& log) {
  Disk& disk = ledger.disk();
  const SegmentNames names = names_of(segment);
  const std::uint64_t number = names.parse(segment.path).value_or(1);
  const std::string open = open_name(segment.path);
  if (mark.length == 0) {
    const auto ours = is_ours(disk, open, mark);
    if (!ours) return ours.error();
    if (*ours) disk.remove(Disk::kHere, open);
    return 0;
  }
  FileMark whole = mark;
  if (!segment.ended) {
    auto written = write_end(ledger, segment, names.name(number + 1), mark);
    if (!written) return written.error();
    whole = std::move(*written);
  }
  // Without it the rename was done, and only the ledger does not have that yet.
  const auto unnamed = is_ours(disk, open, whole);
  if (!unnamed) return unnamed.error();
  return *unnamed ? name_segment(ledger, names, number, whole, log) : number;
}

Result<void> finish_segment(LedgerStore& ledger, const SegmentMark& segment, const FileMark& mark,
                            Log& log) {
  const auto ours = is_ours(ledger.disk(), open_name(segment.path), mark);
  if (!ours) return ours.error();
  if (mark.length > 0 && !segment.ended && !*ours) {
    log.warn("{}: expected the {} bytes that were committed, found no file",
             open_name(segment.path), mark.length);
  } else if (auto ended = end_segment(ledger, segment, mark, log); !ended) {
    return ended.error();
  }
  return ledger.forget_segment(segment.path);
}

Result<void> finish_segments_at(LedgerStore& ledger, const std::string& path, Log& log) {
  const auto segments = ledger.segments();
  if (!segments) return segments.error();
  const auto marks = ledger.marks();
  if (!marks) return marks.error();
  for (const SegmentMark& segment : *segments) {
    if (segment.output != path && segment.path != path) continue;
    const auto mark = std::find_if(marks->begin(), marks->end(),
                                   [&](const FileMark& one) { return one.path == segment.path; });
    if (mark == marks->end()) continue;
    if (auto done = finish_segment(ledger, segment, *mark, log); !done) return done;
  }
  return {};
}

}  // namespace docmill
