// FileCatalog: the input files of a source in the order in which they were first seen.
//
// The order is part of every document's identity: it is durable before the first document of a file
// is given out, a file that appears later is added at the end however its name sorts, and a file is
// read to the size it had. Files are told apart by their path, however it is spelled (plain_path),
// and where they are watched also by inode, size and time. Where several producers share the
// path, a file is claimed first, then looked at, then written down; a catalog claims a few at a
// time, so that each producer gets its part. A scan of many files takes many calls. One thread.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "producer/files/file_claims.h"
#include "producer/files/file_row.h"
#include "producer/files/folder_watch.h"
#include "producer/files/input_folders.h"
#include "producer/files/known_file.h"
#include "producer/files/plain_path.h"
#include "producer/source_context.h"
#include "shared/base/result.h"

namespace docmill {

// Errors, but for those of open(), begin with the field of the settings that they are about.
class FileCatalog {
 public:
  // path: a file, folder or pattern. rows must outlive the catalog. claims: null when nobody else
  // reads the path. kCorrupt: a row that this version does not understand.
  static Result<FileCatalog> open(std::string path, SourceCatalog& rows,
                                  std::unique_ptr<FileClaims> claims);

  // From now on only whole files are added, and one that is written again is a new one.
  void watch() { watched_ = true; }

  // With claims: from now on only files are added that this producer has claimed already, since
  // no other producer would read them. False: there are no claims, and nothing changes.
  bool drain();

  // How many were ever seen.
  std::size_t size() const { return size_; }
  // One that is remembered. The reference stays valid until it is forgotten.
  const KnownFile& file(std::size_t number) const { return files_.at(number).file; }
  bool remembers(std::size_t number) const { return files_.contains(number); }
  bool is_done(std::size_t number) const { return files_.at(number).done; }
  // No later file has its name.
  bool is_newest(std::size_t number) const {
    const auto newest = newest_.find(plain_path(file(number).path));
    return newest == newest_.end() || newest->second == number;
  }
  // The file at the place of a done one, `now`, is that file, however it was written to since.
  bool is_written_on(std::size_t number, const KnownFile& now) const {
    return is_written_on(files_.at(number), now);
  }
  bool has_failed(std::size_t number) const { return files_.at(number).failed; }
  // Of the path, and what is known of them in this run.
  InputFolders& folders() { return folders_; }
  // The row of a remembered file that is not read completely.
  std::string failed_row(std::size_t number) const;
  // How many files could not be read completely: in this run, and in earlier ones if they are still
  // as they were.
  std::size_t failed() const { return failed_; }
  // The remembered one from this number on that comes first; size() when there is none.
  std::size_t next_from(std::size_t number) const;

  // Claims what earlier runs have seen, where there are claims: they may be newer than the files,
  // or were lost. kCorrupt: another producer has claimed one of them. kConfig: the path is spelled
  // otherwise than the claims.
  Result<void> claim_again();
  // Adds files that are new, sorted by name, durably; how many they were. Nothing: it has looked at
  // some of the names, and there are more; call again. 0: of all files that are there now nothing
  // is left for this producer.
  Result<std::optional<std::size_t>> scan();
  // A scan has begun and is not complete.
  bool scanning() const { return searched_; }
  // What was passed over since the last call, for the log.
  std::vector<std::string> take_passed_over() { return std::exchange(passed_over_, {}); }
  // Durable before the first document after the unreadable part is given out: this file, which must
  // be remembered, is not read completely.
  Result<void> mark_failed(std::size_t number);
  // Durable: these files, which must be remembered, will not be read again and leave their places.
  Result<void> mark_done(const std::vector<std::size_t>& numbers) { return mark(numbers, true); }
  // Durable: these files stay where they are; what is at their places later is looked at again.
  Result<void> mark_kept(const std::vector<std::size_t>& numbers) { return mark(numbers, false); }
  // Durable: they have left; what comes under their names is new. Gives back their claims first.
  // field: of the settings that have them leave.
  Result<void> forget(const std::vector<std::size_t>& numbers, std::string_view field);
  // How many files the scan that found none has left to others, by producer.
  const std::map<std::string, std::size_t>& others() const { return others_; }

 private:
  FileCatalog(std::string path, SourceCatalog& rows, std::unique_ptr<FileClaims> claims)
      : path_(std::move(path)), folders_(path_), rows_(&rows), claims_(std::move(claims)) {}

  bool take_row(std::size_t number, std::string_view row);
  void add(std::size_t number, SeenFile seen);
  bool has_left(const SeenFile& seen) const;
  bool is_away(const SeenFile& seen) const;
  static bool is_written_on(const SeenFile& seen, const KnownFile& now);
  Result<void> mark(const std::vector<std::size_t>& numbers, bool done);
  Result<void> refuse_other_spelling();
  Result<void> search();
  // Adds a new file to found_, with its compression.
  Result<void> find(KnownFile file);
  // Does so with the next candidates that are this producer's; a few.
  Result<void> find_some();
  Result<void> claim_some();
  // The file of that name, if it is to be read.
  Result<std::optional<KnownFile>> new_file(const std::string& path);
  bool is_new(const KnownFile& file) const;
  // Makes found_ durable.
  Result<void> keep_found();

  std::string path_;
  InputFolders folders_;
  SourceCatalog* rows_;
  std::unique_ptr<FileClaims> claims_;
  bool searched_ = false;               // the names were read, and not all were looked at
  std::deque<std::string> candidates_;  // those names
  std::vector<KnownFile> found_;        // new files, not durable yet
  std::size_t added_ = 0;               // by this scan
  std::vector<std::string> passed_over_;
  std::map<std::string, std::size_t> others_;
  std::map<std::size_t, SeenFile> files_;
  std::size_t size_ = 0;
  std::size_t failed_ = 0;
  std::map<std::string, std::size_t, std::less<>> newest_;  // the last file of each plain path
  bool watched_ = false;
  WholeFiles whole_files_;
  bool draining_ = false;
};

}  // namespace docmill
