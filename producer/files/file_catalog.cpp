#include "producer/files/file_catalog.h"

#include <fmt/format.h>

#include <vector>

#include "producer/files/file_reader.h"
#include "producer/files/file_search.h"
#include "producer/files/number_text.h"

namespace docmill {
namespace {

std::string row_of(const KnownFile& file) {
  const std::string facts = fmt::format("{} {} {}", file.size, file.inode, file.modified);
  if (file.compression == Compression::kNone) return fmt::format("file 1 {} {}", facts, file.path);
  return fmt::format("file 2 {} {} {}", facts, compression_name(file.compression), file.path);
}

bool take_compression(std::string_view& row, Compression& compression) {
  for (const Compression known : {Compression::kGzip, Compression::kZstd}) {
    if (!take_word(row, compression_name(known))) continue;
    compression = known;
    return true;
  }
  return false;
}

}  // namespace

Result<FileCatalog> FileCatalog::open(std::string path, SourceCatalog& rows) {
  FileCatalog catalog(std::move(path), rows);
  for (const std::string& row : rows.rows()) {
    if (catalog.take_row(row)) continue;
    return corrupt(
        fmt::format("the list of files seen has the row '{}', which this version does not "
                    "understand; use the version that wrote it, or start over with --fresh",
                    row));
  }
  return catalog;
}

bool FileCatalog::take_row(std::string_view row) {
  KnownFile file;
  if (!take_word(row, "file")) return false;
  const bool compressed = take_word(row, "2");
  if ((!compressed && !take_word(row, "1")) || !take_number(row, file.size) ||
      !take_number(row, file.inode) || !take_number(row, file.modified) ||
      (compressed && !take_compression(row, file.compression)) || row.empty()) {
    return false;
  }
  file.path = row;
  add(std::move(file));
  return true;
}

void FileCatalog::add(KnownFile file) {
  paths_.insert(file.path);
  files_.push_back(std::move(file));
}

Result<std::size_t> FileCatalog::scan() {
  Result<std::vector<KnownFile>> found = search_files(path_);
  if (!found) return found.error();
  std::erase_if(*found, [this](const KnownFile& file) { return paths_.contains(file.path); });
  if (found->empty()) return std::size_t{0};

  std::vector<std::string> rows;
  for (KnownFile& file : *found) {
    file.compression = FileReader::look(file.path);
    rows.push_back(row_of(file));
  }
  if (const Result<void> kept = rows_->append(rows); !kept) return kept.error();
  for (KnownFile& file : *found) add(std::move(file));
  return rows.size();
}

}  // namespace docmill
