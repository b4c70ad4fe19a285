// DocumentFolder: a folder in which each document has a file of its own, whole or not at all, once.
//
// A group is written under temporary names into a folder beside the documents, with a list of the
// names that they are to have, and synced (of the whole file system: one sync for any number of
// files). The ledger commits how many bytes all groups had: with that the group is settled. Then
// the files are renamed, in order; a rename that a crash prevented is done at the next start, and
// what is no longer there was done. No name is ever replaced.
//
// One thread; a resource; the temporary folder is locked against a second writer. Contract and
// errors are those of Output.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/store/disk_file.h"
#include "shared/store/file_mark.h"
#include "sink/documents/name_template.h"
#include "sink/output_context.h"

namespace docmill {

// Behind the folder, and before the name of the sink: where documents wait for their names. It is
// also the path of the mark.
inline constexpr std::string_view kStagingBegin = "/.docmill-";

class DocumentFolder {
 public:
  static Result<DocumentFolder> open(const std::string& folder, const OutputContext& context);

  void add(const DocumentNames& names, std::string_view bytes);
  // With this many documents the group is as large as can be: each is a file, whatever its size.
  static constexpr std::size_t kLargestGroup = 8192;
  std::size_t group_size() const { return staged_.size(); }
  // Like settle(), writes a few hundred files in each call; kUnavailable without a text: call
  // again.
  Result<void> sync();
  FileMark mark() const { return {staging_path_, length_, false, identity_, tail_}; }
  // See Output: documents that were not committed go with the next sync().
  void on_current_ledger() { is_current_ = true; }
  // The same, now.
  void remove_leftovers();
  Result<void> settle();

 private:
  struct Staged {
    DocumentNames names;
    std::size_t begin = 0;  // of its bytes in the group
    std::size_t size = 0;
  };

  DocumentFolder(std::string path, std::string staging_path, Log& log)
      : path_(std::move(path)), staging_path_(std::move(staging_path)), log_(log) {}

  // Makes the folders where they are missing.
  Result<void> open_folders(Disk& disk);

  // What an earlier life has left: what was committed gets its names, the rest goes.
  Result<void> resume(LedgerStore& ledger);
  Result<void> sort_out(const std::vector<std::string>& found);
  Result<void> read_names(std::uint64_t group);

  Result<void> write_group();
  Result<void> write_file(const std::string& name, std::string_view bytes);
  std::string names_text() const;
  void remove(const std::string& name) const;
  Result<void> place(std::size_t number);
  Result<bool> place_as(const std::string& temporary, const std::string& name);
  Result<void> open_parent(const std::string& parent);
  Result<void> check_place();

  std::string path_;
  std::string staging_path_;
  DiskFile root_;
  DiskFile staging_;
  Log& log_;
  FileIdentity identity_;               // of the temporary folder
  FileTail tail_;                       // of the last list of names
  std::vector<std::string> leftovers_;  // in the temporary folder: of groups without a commit
  bool is_current_ = false;             // the ledger is no older copy
  std::uint64_t length_ = 0;            // of all groups that are synced
  std::uint64_t group_ = 0;             // the length before the group at hand: the group's name
  std::string bytes_;
  std::vector<Staged> staged_;
  std::size_t written_ = 0;  // of them, under temporary names
  std::size_t synced_ = 0;   // of them, by the last sync
  std::size_t placed_ = 0;   // of them, with their names
  std::string done_;         // the list of the group before: there until its renames are synced
  std::string parent_;       // of the last rename
  DiskFile parent_folder_;
};

}  // namespace docmill
