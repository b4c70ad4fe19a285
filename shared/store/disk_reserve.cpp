#include "shared/store/disk_reserve.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <string>

#include "shared/base/random.h"
#include "shared/base/units.h"
#include "shared/store/disk_file.h"
#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"

namespace docmill {
namespace {

constexpr Duration kRetry = std::chrono::seconds(2);
// The file gets shorter by so much at a time: another program may take at once what is not used.
constexpr std::uint64_t kStep = 32 << 10;

// A file system that compresses must not store them in less.
std::string incompressible_bytes(std::uint64_t size) {
  std::string bytes;
  bytes.reserve(size);
  std::mt19937_64 numbers(random_number());
  while (bytes.size() < size) {
    const std::uint64_t number = numbers();
    bytes.append(reinterpret_cast<const char*>(&number),
                 std::min<std::uint64_t>(sizeof number, size - bytes.size()));
  }
  return bytes;
}

std::uint64_t size_of(Disk& disk, const std::string& path) {
  FileFacts found;
  return disk.look_at(Disk::kHere, path, found) == 0 ? found.size : 0;
}

// Some file systems have the room when the change is durable. False: nothing is left.
Result<bool> give_step(Disk& disk, const std::string& path) {
  const std::uint64_t size = size_of(disk, path);
  if (size <= kStep) {
    if (disk.remove(Disk::kHere, path) != 0) return false;
    if (auto synced = sync_folder(disk, folder_of(path)); !synced) return synced.error();
    return true;
  }
  const DiskFile file(disk, disk.open(Disk::kHere, path, O_WRONLY, 0));
  if (!file.open() || file.truncate(size - kStep) != 0) return false;
  if (const int problem = sync_data(file); problem != 0) return disk_error(path, "sync", problem);
  return true;
}

// What does not fit is tried again later. True: all of it is there.
bool fill_up(Disk& disk, const std::string& path) {
  std::uint64_t size = size_of(disk, path);
  const DiskFile file(disk, disk.open(Disk::kHere, path, O_WRONLY | O_CREAT, 0600));
  if (!file.open()) return false;
  while (size < DiskReserve::kBytes) {
    const auto step = std::min(kStep, DiskReserve::kBytes - size);
    const ssize_t written = file.write(incompressible_bytes(step), size);
    if (written <= 0) break;
    size += static_cast<std::uint64_t>(written);
  }
  if (size == 0) static_cast<void>(disk.remove(Disk::kHere, path));
  return sync_data(file) == 0 && size >= DiskReserve::kBytes;
}

}  // namespace

bool DiskReserve::has_room() const {
  const std::string probe = path_.string() + ".new";
  static_cast<void>(disk_->remove(Disk::kHere, probe));
  bool fits = false;
  {
    const DiskFile file(*disk_, disk_->open(Disk::kHere, probe, O_WRONLY | O_CREAT | O_EXCL, 0600));
    if (!file.open()) return false;
    const std::string bytes = incompressible_bytes(kBytes);
    fits = file.write(bytes, 0) == static_cast<ssize_t>(bytes.size());
  }
  static_cast<void>(disk_->remove(Disk::kHere, probe));
  return fits;
}

Result<void> DiskReserve::with_room(const std::function<Result<void>()>& write) {
  const auto lacks_room = [](const Result<void>& done) {
    return !done && done.error().code == ErrorCode::kUnavailable;
  };
  auto done = write();
  if (!lacks_room(done) || has_room()) return done;
  // A database that had no room folds its log first, and then writes over it.
  done = write();
  while (lacks_room(done)) {
    is_there_ = false;
    next_try_ = {};
    const auto given = give_step(*disk_, path_.string());
    if (!given) return given.error();
    if (!*given) return done;
    done = write();
  }
  return done;
}

void DiskReserve::restore(Time now) {
  if (is_there_ || now < next_try_) return;
  next_try_ = now + kRetry;
  const std::string path = path_.string();
  is_there_ = size_of(*disk_, path) == kBytes || fill_up(*disk_, path);
}

Result<void> with_room(DiskReserve* reserve, const std::function<Result<void>()>& write) {
  return reserve == nullptr ? write() : reserve->with_room(write);
}

}  // namespace docmill
