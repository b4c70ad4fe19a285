// Disk: the files and folders that a daemon's stores and outputs use, so that tests can replace
// them.
//
// The functions are the system calls of POSIX under short names. They fail as those do: with -1 and
// the reason in errno. A path is relative to the open folder `folder`; kHere is the working
// directory. SystemDisk is the real one. Any thread may call a SystemDisk; a simulated one belongs
// to one thread.
#pragma once

#include <fcntl.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/store/file_identity.h"

namespace docmill {

struct FileFacts {
  enum class Kind { kFile, kFolder, kOther };
  Kind kind = Kind::kFile;
  std::uint64_t size = 0;
  FileIdentity identity = {};
};

class Disk {
 public:
  static constexpr int kHere = AT_FDCWD;

  virtual ~Disk() = default;

  // The descriptor; close() releases it. O_CLOEXEC is added to the flags.
  virtual int open(int folder, const std::string& path, int flags, mode_t mode) = 0;
  // Opens a folder, and fails where a symbolic link or ".." would leave the folder above it.
  virtual int open_beneath(int folder, const std::string& name) = 0;
  virtual void close(int file) = 0;

  // May transfer less than was asked for. 0 bytes read: the end of the file.
  virtual ssize_t read(int file, char* bytes, std::size_t size, std::uint64_t offset) = 0;
  virtual ssize_t write(int file, std::string_view bytes, std::uint64_t offset) = 0;
  virtual int truncate(int file, std::uint64_t size) = 0;
  // Makes the file's bytes durable. Its name needs sync_names() of its folder.
  virtual int sync(int file) = 0;
  // Makes the names in an open folder durable.
  virtual int sync_names(int folder) = 0;
  // Makes everything on the file system of this file durable.
  virtual int sync_everything(int file) = 0;
  // Locks the file against other openings, until it is closed. EWOULDBLOCK: it is locked already.
  virtual int lock(int file) = 0;
  virtual int look(int file, FileFacts& facts) = 0;

  virtual int look_at(int folder, const std::string& path, FileFacts& facts) = 0;
  virtual int make_folder(int folder, const std::string& path, mode_t mode) = 0;
  virtual int rename(const std::string& from, const std::string& to) = 0;
  // Fails with EEXIST instead of replacing a file.
  virtual int rename_new(int from_folder, const std::string& from, int to_folder,
                         const std::string& to) = 0;
  virtual int remove(int folder, const std::string& path) = 0;
  // Appends the names in the folder, without "." and "..", in any order.
  virtual int list(const std::string& path, std::vector<std::string>& names) = 0;

  // The SQLite VFS whose files are on this disk; null: SQLite's default.
  virtual const char* database_files() const = 0;
};

}  // namespace docmill
