#include "tests/support/disk/simulated_disk.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "shared/base/check.h"
#include "tests/support/disk/simulated_database_files.h"

namespace docmill::test {
namespace {

int failed(int error_number) {
  errno = error_number;
  return -1;
}

FileFacts facts_of(const DiskNode& node) {
  return {node.folder ? FileFacts::Kind::kFolder : FileFacts::Kind::kFile,
          node.now.size(),
          {node.number, 0}};
}

constexpr int kReserved = 2;
constexpr int kPending = 3;
constexpr int kExclusive = 4;

}  // namespace

SimulatedDisk::SimulatedDisk(DiskModel& model)
    : model_(model), databases_(std::make_unique<SimulatedDatabaseFiles>(*this)) {}

SimulatedDisk::~SimulatedDisk() { die(); }

const char* SimulatedDisk::database_files() const { return databases_->name(); }

void SimulatedDisk::die() {
  dead_ = true;
  for (auto& [number, open] : open_) {
    if (open.node->locked_by == number) open.node->locked_by = 0;
    open.node->levels.erase(number);
  }
}

bool SimulatedDisk::fails(DiskCall call, const std::string& path, std::size_t size, bool creates) {
  if (!dead_) {
    ++calls;
    const int error_number = fault ? fault({call, path, size, creates}) : 0;
    if (error_number == 0 && !dead_) return false;
    errno = dead_ ? EIO : error_number;
    return true;
  }
  errno = EIO;
  return true;
}

std::string SimulatedDisk::place(int folder, const std::string& path) const {
  if (folder == kHere || path.starts_with('/')) return DiskModel::normal(path);
  return DiskModel::normal(open_.at(folder).path + '/' + path);
}

SimulatedDisk::Open& SimulatedDisk::of(int file) {
  const auto found = open_.find(file);
  DOCMILL_CHECK(found != open_.end(), "descriptor {} is not open", file);
  return found->second;
}

int SimulatedDisk::open(int folder, const std::string& path, int flags, mode_t) {
  const std::string name = place(folder, path);
  NodePointer node = model_.find(name);
  if (fails(DiskCall::kOpen, name, 0, !node && (flags & O_CREAT) != 0)) return -1;
  if (node && (flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) return failed(EEXIST);
  if (!node) {
    if ((flags & O_CREAT) == 0) return failed(ENOENT);
    const NodePointer above = model_.find(DiskModel::parent_of(name));
    if (!above) return failed(ENOENT);
    if (!above->folder) return failed(ENOTDIR);
    node = model_.create(name, false);
  }
  if ((flags & O_DIRECTORY) != 0 && !node->folder) return failed(ENOTDIR);
  if ((flags & O_ACCMODE) != O_RDONLY && node->folder) return failed(EISDIR);
  if ((flags & O_TRUNC) != 0 && !node->now.empty()) model_.resize(*node, 0);
  const int number = model_.next_number();
  open_.emplace(number, Open{name, std::move(node)});
  return number;
}

int SimulatedDisk::open_beneath(int folder, const std::string& name) {
  return open(folder, name, O_RDONLY | O_DIRECTORY, 0);
}

void SimulatedDisk::close(int file) {
  const auto found = open_.find(file);
  if (found == open_.end()) return;
  if (found->second.node->locked_by == file) found->second.node->locked_by = 0;
  found->second.node->levels.erase(file);
  open_.erase(found);
}

ssize_t SimulatedDisk::read(int file, char* bytes, std::size_t size, std::uint64_t offset) {
  const Open& open = of(file);
  if (fails(DiskCall::kRead, open.path)) return -1;
  const std::string& content = open.node->now;
  if (offset >= content.size()) return 0;
  size = std::min<std::uint64_t>(size, content.size() - offset);
  std::memcpy(bytes, content.data() + offset, size);
  return static_cast<ssize_t>(size);
}

ssize_t SimulatedDisk::write(int file, std::string_view bytes, std::uint64_t offset) {
  const Open& open = of(file);
  if (fails(DiskCall::kWrite, open.path, bytes.size())) return -1;
  const std::size_t written = model_.write(*open.node, offset, bytes);
  if (written == 0 && !bytes.empty()) return failed(ENOSPC);
  return static_cast<ssize_t>(written);
}

int SimulatedDisk::truncate(int file, std::uint64_t size) {
  const Open& open = of(file);
  if (fails(DiskCall::kTruncate, open.path)) return -1;
  model_.resize(*open.node, size);
  return 0;
}

int SimulatedDisk::sync(int file) {
  const Open& open = of(file);
  if (fails(DiskCall::kSync, open.path)) {
    if (!dead_) model_.lose(*open.node);
    return -1;
  }
  if (!ignores_syncs) model_.sync(*open.node);
  return 0;
}

int SimulatedDisk::sync_names(int folder) {
  const Open& open = of(folder);
  if (fails(DiskCall::kSyncNames, open.path)) return -1;
  if (!ignores_syncs) model_.sync_names(open.path);
  return 0;
}

int SimulatedDisk::sync_everything(int file) {
  if (fails(DiskCall::kSync, of(file).path)) return -1;
  if (!ignores_syncs) model_.sync_everything();
  return 0;
}

int SimulatedDisk::lock(int file) {
  const Open& open = of(file);
  if (fails(DiskCall::kLock, open.path)) return -1;
  if (open.node->locked_by != 0 && open.node->locked_by != file) return failed(EWOULDBLOCK);
  open.node->locked_by = file;
  return 0;
}

int SimulatedDisk::look(int file, FileFacts& facts) {
  facts = facts_of(*of(file).node);
  return 0;
}

int SimulatedDisk::look_at(int folder, const std::string& path, FileFacts& facts) {
  if (dead_) return failed(EIO);
  const NodePointer node = model_.find(place(folder, path));
  if (!node) return failed(ENOENT);
  facts = facts_of(*node);
  return 0;
}

int SimulatedDisk::make_folder(int folder, const std::string& path, mode_t) {
  const std::string name = place(folder, path);
  if (fails(DiskCall::kName, name)) return -1;
  if (model_.find(name)) return failed(EEXIST);
  const NodePointer above = model_.find(DiskModel::parent_of(name));
  if (!above || !above->folder) return failed(above ? ENOTDIR : ENOENT);
  model_.create(name, true);
  return 0;
}

int SimulatedDisk::rename(const std::string& from, const std::string& to) {
  const std::string old_name = DiskModel::normal(from);
  if (fails(DiskCall::kName, old_name)) return -1;
  const NodePointer node = model_.find(old_name);
  if (!node) return failed(ENOENT);
  DOCMILL_CHECK(!node->folder, "{}: the model renames files only", from);
  if (!model_.find(DiskModel::parent_of(DiskModel::normal(to)))) return failed(ENOENT);
  model_.rename(old_name, DiskModel::normal(to));
  return 0;
}

int SimulatedDisk::rename_new(int from_folder, const std::string& from, int to_folder,
                              const std::string& to) {
  const std::string new_name = place(to_folder, to);
  if (model_.find(new_name)) return failed(EEXIST);
  return rename(place(from_folder, from), new_name);
}

int SimulatedDisk::remove(int folder, const std::string& path) {
  const std::string name = place(folder, path);
  if (fails(DiskCall::kName, name)) return -1;
  const NodePointer node = model_.find(name);
  if (!node) return failed(ENOENT);
  if (node->folder) return failed(EISDIR);
  model_.remove(name);
  return 0;
}

int SimulatedDisk::list(const std::string& path, std::vector<std::string>& names) {
  const std::string name = DiskModel::normal(path);
  if (fails(DiskCall::kOpen, name)) return -1;
  const NodePointer node = model_.find(name);
  if (!node || !node->folder) return failed(node ? ENOTDIR : ENOENT);
  const std::vector<std::string> found = model_.names_in(name);
  names.insert(names.end(), found.begin(), found.end());
  return 0;
}

bool SimulatedDisk::raise_lock(int file, int level) {
  std::map<int, int>& levels = of(file).node->levels;
  int others = 0;
  for (const auto& [number, held] : levels) {
    if (number != file) others = std::max(others, held);
  }
  int& own = levels[file];
  if (own >= level) return true;
  if (level < kReserved && others >= kPending) return false;
  if (level >= kReserved && others >= kReserved) return false;
  if (level == kExclusive && others > 0) {
    own = kPending;
    return false;
  }
  own = level;
  return true;
}

void SimulatedDisk::lower_lock(int file, int level) {
  int& own = of(file).node->levels[file];
  own = std::min(own, level);
}

bool SimulatedDisk::has_reserved_lock(int file) const {
  const std::map<int, int>& levels = open_.at(file).node->levels;
  return std::any_of(levels.begin(), levels.end(),
                     [](const auto& one) { return one.second >= kReserved; });
}

}  // namespace docmill::test
