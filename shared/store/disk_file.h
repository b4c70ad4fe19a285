// DiskFile: an open file or folder of a Disk, closed with the object. A resource; the disk must
// outlive it. The functions fail as those of Disk do.
#pragma once

#include <string_view>
#include <utility>

#include "shared/store/disk.h"

namespace docmill {

class DiskFile {
 public:
  // None.
  DiskFile() = default;
  // Takes the descriptor over. Below zero: none.
  DiskFile(Disk& disk, int number) : disk_(&disk), number_(number) {}
  ~DiskFile() {
    if (open()) disk_->close(number_);
  }
  DiskFile(DiskFile&& other) noexcept
      : disk_(other.disk_), number_(std::exchange(other.number_, -1)) {}
  DiskFile& operator=(DiskFile&& other) noexcept {
    std::swap(disk_, other.disk_);
    std::swap(number_, other.number_);
    return *this;
  }

  bool open() const { return number_ >= 0; }
  int number() const { return number_; }
  Disk& disk() const { return *disk_; }

  ssize_t read(char* bytes, std::size_t size, std::uint64_t offset) const {
    return disk_->read(number_, bytes, size, offset);
  }
  ssize_t write(std::string_view bytes, std::uint64_t offset) const {
    return disk_->write(number_, bytes, offset);
  }
  int truncate(std::uint64_t size) const { return disk_->truncate(number_, size); }
  int sync() const { return disk_->sync(number_); }
  int sync_names() const { return disk_->sync_names(number_); }
  int sync_everything() const { return disk_->sync_everything(number_); }
  int lock() const { return disk_->lock(number_); }
  int look(FileFacts& facts) const { return disk_->look(number_, facts); }

 private:
  Disk* disk_ = nullptr;
  int number_ = -1;
};

}  // namespace docmill
