#include "shared/store/disk_reserve.h"

#include <chrono>
#include <string>

#include "shared/base/random.h"
#include "shared/base/units.h"
#include "shared/store/disk_file.h"
#include "shared/store/folder.h"
#include "shared/store/whole_file.h"

namespace docmill {
namespace {

constexpr Duration kRetry = std::chrono::seconds(2);

// A file system that compresses must not store them in less.
std::string incompressible_bytes() {
  std::string bytes;
  bytes.reserve(DiskReserve::kBytes);
  while (bytes.size() < DiskReserve::kBytes) {
    const std::uint64_t number = random_number();
    bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  return bytes;
}

}  // namespace

bool DiskReserve::has_room() const {
  const std::string probe = path_.string() + ".new";
  static_cast<void>(disk_->remove(Disk::kHere, probe));
  bool fits = false;
  {
    const DiskFile file(*disk_, disk_->open(Disk::kHere, probe, O_WRONLY | O_CREAT | O_EXCL, 0600));
    if (!file.open()) return false;
    const std::string bytes = incompressible_bytes();
    fits = file.write(bytes, 0) == static_cast<ssize_t>(bytes.size());
  }
  static_cast<void>(disk_->remove(Disk::kHere, probe));
  return fits;
}

Result<void> DiskReserve::with_room(const std::function<Result<void>()>& write) {
  auto done = write();
  if (done || done.error().code != ErrorCode::kUnavailable || has_room()) return done;
  // A database that had no room folds its log first, and then writes over it.
  done = write();
  if (done || done.error().code != ErrorCode::kUnavailable) return done;
  is_there_ = false;
  next_try_ = {};
  if (disk_->remove(Disk::kHere, path_.string()) != 0) return done;
  // Some file systems have the room when the name is gone for good.
  if (auto synced = sync_folder(*disk_, folder_of(path_)); !synced) return synced;
  return write();
}

void DiskReserve::restore(Time now) {
  if (is_there_ || now < next_try_) return;
  next_try_ = now + kRetry;
  FileFacts found;
  is_there_ = disk_->look_at(Disk::kHere, path_.string(), found) == 0 && found.size == kBytes;
  if (is_there_) return;
  is_there_ = write_whole(*disk_, path_, incompressible_bytes()).ok();
  if (!is_there_) static_cast<void>(disk_->remove(Disk::kHere, path_.string() + ".new"));
}

}  // namespace docmill
