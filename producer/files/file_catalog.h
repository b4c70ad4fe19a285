// FileCatalog: the input files of a source in the order in which they were first seen.
//
// The order is part of every document's identity: it is durable before the first document of a file
// is given out, a file that appears later is added at the end however its name sorts, and a file is
// read to the size it had. Files are told apart by their path. One thread.
//
// A row of the SourceCatalog is a text, "file 1 SIZE INODE MODIFIED PATH": the version of the row,
// bytes, a number, nanoseconds since 1970; the path is the rest of the row, whatever it holds. A
// compressed file has version 2, "file 2 SIZE INODE MODIFIED gzip PATH" (or zstd): what is known of
// earlier runs is not judged again by its first bytes, so that it is read as it was read then.
#pragma once

#include <cstddef>
#include <deque>
#include <set>
#include <string>
#include <string_view>

#include "producer/files/known_file.h"
#include "producer/source_context.h"
#include "shared/base/result.h"

namespace docmill {

class FileCatalog {
 public:
  // path: a file, folder or pattern. rows must outlive the catalog. kCorrupt: a row that this
  // version does not understand.
  static Result<FileCatalog> open(std::string path, SourceCatalog& rows);

  std::size_t size() const { return files_.size(); }
  // The reference stays valid for as long as the catalog.
  const KnownFile& file(std::size_t number) const { return files_[number]; }

  // Adds the files that are new, sorted by name, with one durable append; how many they were.
  Result<std::size_t> scan();

 private:
  FileCatalog(std::string path, SourceCatalog& rows) : path_(std::move(path)), rows_(&rows) {}
  bool take_row(std::string_view row);
  void add(KnownFile file);

  std::string path_;
  SourceCatalog* rows_;
  std::deque<KnownFile> files_;
  std::set<std::string, std::less<>> paths_;
};

}  // namespace docmill
