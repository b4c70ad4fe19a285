// The folder in which one daemon keeps what it must not forget, and the lock that keeps a second
// daemon out.
//
// The lock is the kernel's (flock), so it ends with the process, however that ends; the file
// `lock` stays. A resource: the lock lives as long as the object.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "shared/base/result.h"
#include "shared/store/disk_file.h"
#include "shared/store/disk_reserve.h"

namespace docmill {

class StateFolder {
 public:
  // Called while another process holds the lock: waits for a moment, or gives false to give up.
  using LockWait = std::function<bool()>;

  // Makes `state`/`name`, for this user alone, and locks it. kConfig when another process holds it
  // and there is nothing to wait with, or not any longer. The disk must outlive the folder and the
  // stores in it.
  static Result<StateFolder> open(Disk& disk, const std::filesystem::path& state,
                                  const std::string& name, const LockWait& wait = {});

  // The same for a folder that exists; nothing when there is none. For those who read: it creates
  // and syncs no folder.
  static Result<std::optional<StateFolder>> find(Disk& disk, const std::filesystem::path& state,
                                                 const std::string& name,
                                                 const LockWait& wait = {});

  // The process that has the folder locked now; 0: none, or none that can be told.
  static std::int64_t process_of(Disk& disk, const std::filesystem::path& state,
                                 const std::string& name);

  // Writes the pipeline's name into the folder or, when it has one, compares. kConfig when the
  // folder belongs to another pipeline, whose state would be taken for this one's.
  Result<void> belong_to(const std::string& pipeline);

  // The name of the pipeline; empty when the folder has none yet.
  const std::string& pipeline() const { return pipeline_; }
  // The name of the daemon.
  const std::string& name() const { return name_; }
  const std::filesystem::path& path() const { return path_; }
  Disk& disk() const { return lock_.disk(); }
  // For all that is written into the folder. Lives as long as the folder, also when that is moved.
  DiskReserve& reserve() const { return *reserve_; }

 private:
  static Result<StateFolder> lock(Disk& disk, const std::filesystem::path& path,
                                  const std::string& name, const LockWait& wait);

  StateFolder(std::filesystem::path path, std::string name, DiskFile lock)
      : path_(std::move(path)),
        name_(std::move(name)),
        lock_(std::move(lock)),
        reserve_(std::make_unique<DiskReserve>(lock_.disk(), path_)) {}

  std::filesystem::path path_;
  std::string name_;
  std::string pipeline_;
  DiskFile lock_;
  std::unique_ptr<DiskReserve> reserve_;
};

}  // namespace docmill
