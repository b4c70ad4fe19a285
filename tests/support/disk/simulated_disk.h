// SimulatedDisk: the disk of one process, on a DiskModel that processes of one host share.
//
// A fault function decides what each call does. The disk dies with its process: from then on its
// calls fail and change nothing, its locks are free, and what it had written stays as the kernel
// has it. Its databases go through a SQLite VFS of its own. One thread; the model must outlive it,
// and it must outlive what is opened on it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "shared/store/disk.h"
#include "tests/support/disk/disk_model.h"

namespace docmill::test {

enum class DiskCall { kOpen, kRead, kWrite, kTruncate, kSync, kSyncNames, kLock, kName };

struct DiskOperation {
  DiskCall call = DiskCall::kOpen;
  const std::string& path;
  std::size_t size = 0;  // of a write
  bool creates = false;  // an opening that makes the file
};

class SimulatedDatabaseFiles;

class SimulatedDisk final : public Disk {
 public:
  // Called before each call; the error number that the call gives, or 0. May call die().
  using Fault = std::function<int(const DiskOperation&)>;

  explicit SimulatedDisk(DiskModel& model);
  ~SimulatedDisk() override;
  SimulatedDisk(const SimulatedDisk&) = delete;
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;

  Fault fault;
  bool ignores_syncs = false;  // says that it synced
  std::uint64_t calls = 0;     // those that `fault` was asked about

  void die();
  bool dead() const { return dead_; }
  DiskModel& model() { return model_; }

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
  const char* database_files() const override;

  // SQLite's locks: false when another connection holds a lock that forbids it.
  bool raise_lock(int file, int level);
  void lower_lock(int file, int level);
  bool has_reserved_lock(int file) const;

 private:
  struct Open {
    std::string path;
    NodePointer node;
  };

  // Whether the call fails; errno says how.
  bool fails(DiskCall call, const std::string& path, std::size_t size = 0, bool creates = false);
  std::string place(int folder, const std::string& path) const;
  Open& of(int file);

  DiskModel& model_;
  std::map<int, Open> open_;
  bool dead_ = false;
  std::unique_ptr<SimulatedDatabaseFiles> databases_;
};

}  // namespace docmill::test
