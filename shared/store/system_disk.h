// SystemDisk: the kernel's files and folders, each function one system call.
#pragma once

#include "shared/store/disk.h"

namespace docmill {

class SystemDisk final : public Disk {
 public:
  int open(int folder, const std::string& path, int flags, mode_t mode) override;
  int open_beneath(int folder, const std::string& name) override;
  void close(int file) override;
  ssize_t read(int file, char* bytes, std::size_t size, std::uint64_t offset) override;
  ssize_t write(int file, std::string_view bytes, std::uint64_t offset) override;
  int truncate(int file, std::uint64_t size) override;
  int sync(int file) override;
  int sync_names(int folder) override;
  int sync_everything(int file) override;
  int lock(int file) override;
  int look(int file, FileFacts& facts) override;
  int look_at(int folder, const std::string& path, FileFacts& facts) override;
  int make_folder(int folder, const std::string& path, mode_t mode) override;
  int rename(const std::string& from, const std::string& to) override;
  int rename_new(int from_folder, const std::string& from, int to_folder,
                 const std::string& to) override;
  int remove(int folder, const std::string& path) override;
  int list(const std::string& path, std::vector<std::string>& names) override;
  const char* database_files() const override { return nullptr; }
};

}  // namespace docmill
