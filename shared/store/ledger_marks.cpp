// The part of LedgerStore that knows how far files and spools are committed.
#include <fmt/format.h>

#include "shared/base/binary.h"
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

Result<std::vector<FileMark>> LedgerStore::marks() {
  std::vector<FileMark> marks;
  const auto read = change([&](LedgerTables& tables) {
    tables.read("SELECT * FROM @files ORDER BY path", [&](const SqlRow& row) {
      marks.push_back({std::string(row.text(0)), row.number(1)});
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
