#include "sink/segments/segment_end.h"

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
  std::string packed;
  const auto packer = make_packer(packing_of(segment.packing));
  if (packer && !segment.end.empty()) packer->pack(segment.end, packed);
  file->append(packer ? packed : segment.end);
  if (auto synced = file->sync(); !synced) return synced.error();
  FileMark ended = segment_mark(*file, segment.path);
  ended.ended = true;
  if (auto put = ledger.put({ended, {next, 0}}); !put) return put.error();
  return ended;
}

}  // namespace

FileMark segment_mark(const AppendFile& file, const std::string& path) {
  FileMark mark = file.mark();
  mark.path = path;
  mark.own_name = false;
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

}  // namespace docmill
