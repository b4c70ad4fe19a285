// The part of LedgerStore that knows how far files and spools are committed.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "shared/base/binary.h"
#include "shared/store/file_descriptor.h"
#include "shared/store/file_owner.h"
#include "shared/store/ledger_store.h"
#include "shared/store/ledger_tables.h"

namespace docmill {
namespace {

// For each range: | first u64 | last u64 |
std::string written(const std::vector<SpoolRange>& ranges) {
  std::string bytes;
  BinaryWriter writer(bytes);
  for (const SpoolRange& range : ranges) {
    writer.number(range.first);
    writer.number(range.last);
  }
  return bytes;
}

// False when the bytes are not sorted, disjoint ranges.
bool read_ranges(std::string_view bytes, std::vector<SpoolRange>& ranges) {
  BinaryReader reader(bytes);
  while (!reader.left().empty()) {
    const auto first = reader.number<std::uint64_t>();
    const auto last = reader.number<std::uint64_t>();
    const std::uint64_t before = ranges.empty() ? 0 : ranges.back().last;
    if (!reader.ok() || first <= before || last < first) return false;
    ranges.push_back({first, last});
  }
  return true;
}

void write_spool(LedgerTables& tables, const SpoolMark& mark) {
  const std::string ranges = written(mark.waiting);
  tables.run("INSERT OR REPLACE INTO @spools VALUES (?, ?, ?, ?, ?, ?, ?)",
             {mark.spool, mark.receiver, mark.totals.delivered, mark.totals.refused,
              mark.totals.waiting, mark.totals.lost, Blob{ranges}});
}

}  // namespace

void LedgerStore::put_spool(Transaction& transaction, const SpoolMark& mark) const {
  LedgerTables tables(transaction, prefix_);
  write_spool(tables, mark);
}

Result<void> LedgerStore::put_spool(const SpoolMark& mark) {
  return change([&](LedgerTables& tables) { write_spool(tables, mark); });
}

Result<AppendFile> LedgerStore::open_file(const std::string& path) {
  const auto known = marks();
  if (!known.ok()) return known.error();
  const auto found = std::find_if(known->begin(), known->end(),
                                  [&](const FileMark& mark) { return mark.path == path; });
  if (found == known->end()) return open_new(path);
  if (!found->has_ended()) return open_known(*found);
  // Its reader has taken it, or may have changed it.
  FileFacts there;
  if (disk_->look_at(Disk::kHere, path, there) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) return disk_error(path, "look", errno);
    if (auto forgotten = forget_file(path); !forgotten) return forgotten.error();
    return open_new(path);
  }
  if (found->growth == FileGrowth::kFormer && there.size == found->length) {
    const auto ours = is_ours(*disk_, path, *found);
    if (!ours) return ours.error();
    if (*ours) return open_known(*found);
  }
  return config_error(fmt::format(
      "{}: expected no file, or one that this output grows, got one of {} bytes that {}; move it "
      "away, or give this output another path",
      path, there.size,
      found->growth == FileGrowth::kFormer ? "was changed after its output was taken away"
                                           : "an output with other settings ended"));
}

Result<AppendFile> LedgerStore::open_new(const std::string& path) {
  // One that is there is not ours even when it is empty: its owner would cut it back to nothing
  // when it starts again.
  FileFacts there;
  if (disk_->look_at(Disk::kHere, path, there) == 0 && there.kind == FileFacts::Kind::kFile) {
    return corrupt(fmt::format(
        "{}: {} that this sink's ledger does not know; put back the state folder that it belongs "
        "to, or move it away",
        path, there.size == 0 ? "an empty file" : fmt::format("{} bytes", there.size)));
  }
  const FileMark mark{path, 0};
  if (auto kept = put({mark}); !kept) return kept.error();
  auto file = open_known(mark);
  // After another error the file may have been made; the mark says that it is this ledger's.
  if (!file && file.error().code == ErrorCode::kConfig) static_cast<void>(forget_file(path));
  return file;
}

// The ledger knows which file it is before its first byte, or a crash would leave bytes that might
// be anybody's.
Result<AppendFile> LedgerStore::open_known(const FileMark& mark) {
  auto file = AppendFile::open(*disk_, mark.path, mark);
  if (!file || (file->mark().file == mark.file && mark.growth == FileGrowth::kPlain)) return file;
  if (auto kept = put({file->mark()}); !kept) return kept.error();
  return file;
}

Result<void> LedgerStore::forget_file(const std::string& path) {
  return change([&](LedgerTables& tables) {
    tables.run("DELETE FROM @files WHERE path = ?", {path});
    tables.run("DELETE FROM @file_identities WHERE path = ?", {path});
  });
}

Result<void> LedgerStore::put(const std::vector<FileMark>& marks,
                              const std::function<void(Transaction&)>& with) {
  return database_.transaction([&](Transaction& transaction) {
    if (with) with(transaction);
    LedgerTables tables(transaction, prefix_);
    for (const FileMark& mark : marks) tables.put_mark(mark);
  });
}

Result<std::vector<FileMark>> LedgerStore::marks() {
  std::vector<FileMark> marks;
  const auto read = change([&](LedgerTables& tables) {
    marks.clear();
    tables.read(
        "SELECT f.path, f.length, ifnull(i.number, 0), ifnull(i.born, 0), ifnull(i.length, 0), "
        "ifnull(i.tail, 0), ifnull(i.hash, 0), ifnull(i.own_name, 0) FROM @files f LEFT JOIN "
        "@file_identities i ON i.path = f.path ORDER BY f.path",
        [&](const SqlRow& row) {
          FileMark mark{std::string(row.text(0)), row.number(1)};
          mark.file = {row.number(2), row.number(3)};
          // A docmill that does not know the table may have written to the file since.
          if (row.number(4) == mark.length) mark.tail = {row.number(5), row.number(6)};
          mark.growth = static_cast<FileGrowth>(std::min<std::uint64_t>(row.number(7), 2));
          marks.push_back(std::move(mark));
        });
  });
  if (!read.ok()) return read.error();
  return marks;
}

Result<void> LedgerStore::begin_segment(const SegmentMark& begun, const std::string& named) {
  return change([&](LedgerTables& tables) {
    tables.run("DELETE FROM @segments WHERE path = ?", {named});
    tables.run("INSERT OR IGNORE INTO @files VALUES (?, 0)", {begun.path});
    tables.run("INSERT OR REPLACE INTO @segments VALUES (?, ?, ?, ?, ?, ?)",
               {begun.path, begun.output, begun.kind, begun.packing, begun.end, std::uint64_t{0}});
  });
}

Result<void> LedgerStore::forget_segment(const std::string& path) {
  return change(
      [&](LedgerTables& tables) { tables.run("DELETE FROM @segments WHERE path = ?", {path}); });
}

Result<std::vector<SegmentMark>> LedgerStore::segments() {
  std::vector<SegmentMark> segments;
  const auto read = change([&](LedgerTables& tables) {
    segments.clear();
    tables.read("SELECT * FROM @segments ORDER BY path", [&](const SqlRow& row) {
      segments.push_back({std::string(row.text(0)), std::string(row.text(1)),
                          std::string(row.text(2)), std::string(row.text(3)),
                          std::string(row.text(4)), row.number(5) != 0});
    });
  });
  if (!read.ok()) return read.error();
  return segments;
}

Result<std::vector<SpoolMark>> LedgerStore::spools() {
  std::vector<SpoolMark> spools;
  const auto read = change([&](LedgerTables& tables) {
    spools.clear();
    tables.read("SELECT * FROM @spools ORDER BY spool", [&](const SqlRow& row) {
      SpoolMark mark{std::string(row.text(0)),
                     std::string(row.text(1)),
                     {row.number(2), row.number(3), row.number(4), row.number(5)},
                     {}};
      if (!read_ranges(row.text(6), mark.waiting)) {
        tables.fail_damaged(fmt::format("the documents that wait in {}", mark.spool));
      }
      spools.push_back(std::move(mark));
    });
  });
  if (!read.ok()) return read.error();
  return spools;
}

}  // namespace docmill
