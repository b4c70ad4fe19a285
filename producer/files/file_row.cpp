#include "producer/files/file_row.h"

#include <fmt/format.h>

#include "producer/files/number_text.h"

namespace docmill {
namespace {

bool take_compression(std::string_view& row, Compression& compression) {
  for (const Compression known : {Compression::kNone, Compression::kGzip, Compression::kZstd}) {
    if (!take_word(row, compression_name(known))) continue;
    compression = known;
    return true;
  }
  return false;
}

}  // namespace

std::string row_of(const SeenFile& seen) {
  const KnownFile& file = seen.file;
  const std::string facts = fmt::format("{} {} {}", file.size, file.inode, file.modified);
  const std::string_view compression = compression_name(file.compression);
  if (seen.done && seen.born != 0) {
    return fmt::format("done {} {} {} {}", seen.failed ? 4 : 3, facts, seen.born, file.path);
  }
  if (seen.done) return fmt::format("done {} {} {}", seen.failed ? 2 : 1, facts, file.path);
  if (seen.failed) return fmt::format("failed 1 {} {} {}", facts, compression, file.path);
  if (file.compression == Compression::kNone) return fmt::format("file 1 {} {}", facts, file.path);
  return fmt::format("file 2 {} {} {}", facts, compression, file.path);
}

std::optional<SeenFile> parse_row(std::string_view row) {
  SeenFile seen;
  KnownFile& file = seen.file;
  seen.done = take_word(row, "done");
  seen.failed = !seen.done && take_word(row, "failed");
  if (!seen.done && !seen.failed && !take_word(row, "file")) return std::nullopt;
  const bool fourth = seen.done && take_word(row, "4");
  const bool born = fourth || (seen.done && take_word(row, "3"));
  const bool second = fourth || (!born && !seen.failed && take_word(row, "2"));
  if (!second && !born && !take_word(row, "1")) return std::nullopt;
  const bool compressed = seen.failed || (second && !seen.done);
  if (!take_number(row, file.size) || !take_number(row, file.inode) ||
      !take_number(row, file.modified) || (born && !take_number(row, seen.born)) ||
      (compressed && !take_compression(row, file.compression)) || row.empty()) {
    return std::nullopt;
  }
  seen.failed = seen.failed || (second && seen.done);
  file.path = row;
  return seen;
}

}  // namespace docmill
