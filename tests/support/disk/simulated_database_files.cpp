#include "tests/support/disk/simulated_database_files.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "tests/support/disk/simulated_disk.h"

namespace docmill::test {
namespace {

constexpr int kSectorSize = 4096;
constexpr int kLongestPath = 512;

struct DatabaseFile : sqlite3_file {
  SimulatedDisk* disk = nullptr;
  int number = -1;
  std::string path;
  bool syncs_folder = false;  // with its next sync
  bool is_temporary = false;
};

DatabaseFile& of(sqlite3_file* file) { return static_cast<DatabaseFile&>(*file); }
SimulatedDisk& disk_of(sqlite3_vfs* vfs) { return *static_cast<SimulatedDisk*>(vfs->pAppData); }

// SQLite's own VFS goes on when it cannot open the folder, as if it had been synced.
int sync_folder_of(SimulatedDisk& disk, const std::string& path) {
  const int folder = disk.open(Disk::kHere, DiskModel::parent_of(DiskModel::normal(path)),
                               O_RDONLY | O_DIRECTORY, 0);
  if (folder < 0) return 0;
  const int synced = disk.sync_names(folder);
  disk.close(folder);
  return synced;
}

int close_file(sqlite3_file* base) {
  DatabaseFile& file = of(base);
  file.disk->close(file.number);
  if (file.is_temporary) file.disk->remove(Disk::kHere, file.path);
  file.~DatabaseFile();
  return SQLITE_OK;
}

int read_file(sqlite3_file* base, void* bytes, int size, sqlite3_int64 offset) {
  DatabaseFile& file = of(base);
  char* to = static_cast<char*>(bytes);
  const auto wanted = static_cast<std::size_t>(size);
  const ssize_t got = file.disk->read(file.number, to, wanted, static_cast<std::uint64_t>(offset));
  if (got < 0) return SQLITE_IOERR_READ;
  if (got == size) return SQLITE_OK;
  std::fill(to + got, to + size, '\0');
  return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* base, const void* bytes, int size, sqlite3_int64 offset) {
  DatabaseFile& file = of(base);
  std::string_view left(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
  auto at = static_cast<std::uint64_t>(offset);
  while (!left.empty()) {
    const ssize_t written = file.disk->write(file.number, left, at);
    if (written < 0) return errno == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    left.remove_prefix(static_cast<std::size_t>(written));
    at += static_cast<std::uint64_t>(written);
  }
  return SQLITE_OK;
}

int truncate_file(sqlite3_file* base, sqlite3_int64 size) {
  DatabaseFile& file = of(base);
  const int done = file.disk->truncate(file.number, static_cast<std::uint64_t>(size));
  return done == 0 ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

int sync_file(sqlite3_file* base, int) {
  DatabaseFile& file = of(base);
  if (file.disk->sync(file.number) != 0) return SQLITE_IOERR_FSYNC;
  // SQLite's own VFS does not look at the outcome either.
  if (file.syncs_folder) sync_folder_of(*file.disk, file.path);
  file.syncs_folder = false;
  return SQLITE_OK;
}

int file_size(sqlite3_file* base, sqlite3_int64* size) {
  FileFacts facts;
  of(base).disk->look(of(base).number, facts);
  *size = static_cast<sqlite3_int64>(facts.size);
  return SQLITE_OK;
}

int lock_file(sqlite3_file* base, int level) {
  return of(base).disk->raise_lock(of(base).number, level) ? SQLITE_OK : SQLITE_BUSY;
}

int unlock_file(sqlite3_file* base, int level) {
  of(base).disk->lower_lock(of(base).number, level);
  return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* base, int* reserved) {
  *reserved = of(base).disk->has_reserved_lock(of(base).number) ? 1 : 0;
  return SQLITE_OK;
}

int control_file(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return kSectorSize; }
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

constexpr sqlite3_io_methods kMethods = {1,
                                         close_file,
                                         read_file,
                                         write_file,
                                         truncate_file,
                                         sync_file,
                                         file_size,
                                         lock_file,
                                         unlock_file,
                                         check_reserved_lock,
                                         control_file,
                                         sector_size,
                                         characteristics,
                                         nullptr,
                                         nullptr,
                                         nullptr,
                                         nullptr,
                                         nullptr,
                                         nullptr};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* base, int flags, int* opened) {
  SimulatedDisk& disk = disk_of(vfs);
  base->pMethods = nullptr;  // nothing to close when it fails
  const bool creates = (flags & SQLITE_OPEN_CREATE) != 0;
  const bool is_temporary = name == nullptr || (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  const std::string path =
      name == nullptr ? fmt::format("sqlite-temporary-{}", disk.model().next_number()) : name;
  int how = (flags & SQLITE_OPEN_READONLY) != 0 ? O_RDONLY : O_RDWR;
  if (creates) how |= O_CREAT;
  if ((flags & SQLITE_OPEN_EXCLUSIVE) != 0) how |= O_EXCL;
  const int number = disk.open(Disk::kHere, path, how, 0);
  if (number < 0) return SQLITE_CANTOPEN;
  auto* file = new (base) DatabaseFile;
  file->pMethods = &kMethods;
  file->disk = &disk;
  file->number = number;
  file->path = path;
  file->is_temporary = is_temporary;
  constexpr int kJournals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
  file->syncs_folder = creates && (flags & kJournals) != 0;
  if (opened != nullptr) *opened = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int syncs_folder) {
  SimulatedDisk& disk = disk_of(vfs);
  if (disk.remove(Disk::kHere, name) != 0) {
    return errno == ENOENT ? SQLITE_IOERR_DELETE_NOENT : SQLITE_IOERR_DELETE;
  }
  if (syncs_folder != 0 && sync_folder_of(disk, name) != 0) return SQLITE_IOERR_DIR_FSYNC;
  return SQLITE_OK;
}

int access_file(sqlite3_vfs* vfs, const char* name, int flags, int* result) {
  FileFacts facts;
  const bool there = disk_of(vfs).look_at(Disk::kHere, name, facts) == 0;
  // An empty journal is none.
  *result = there && (flags != SQLITE_ACCESS_EXISTS || facts.size > 0) ? 1 : 0;
  return SQLITE_OK;
}

int full_name(sqlite3_vfs*, const char* name, int size, char* full) {
  if (std::strlen(name) + 1 > static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
  std::memcpy(full, name, std::strlen(name) + 1);
  return SQLITE_OK;
}

int random_bytes(sqlite3_vfs*, int size, char* bytes) {
  std::fill(bytes, bytes + size, '\7');
  return size;
}

int sleep_for(sqlite3_vfs*, int microseconds) { return microseconds; }

int current_time(sqlite3_vfs*, double* now) {
  *now = 2461374.0;
  return SQLITE_OK;
}

int last_error(sqlite3_vfs*, int, char*) { return errno; }

}  // namespace

struct SimulatedDatabaseFiles::Registration {
  sqlite3_vfs vfs{};
};

SimulatedDatabaseFiles::SimulatedDatabaseFiles(SimulatedDisk& disk)
    : name_(fmt::format("simulated-{}", static_cast<const void*>(&disk))),
      registration_(std::make_unique<Registration>()) {
  sqlite3_vfs& vfs = registration_->vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(DatabaseFile);
  vfs.mxPathname = kLongestPath;
  vfs.zName = name_.c_str();
  vfs.pAppData = &disk;
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.xAccess = access_file;
  vfs.xFullPathname = full_name;
  vfs.xRandomness = random_bytes;
  vfs.xSleep = sleep_for;
  vfs.xCurrentTime = current_time;
  vfs.xGetLastError = last_error;
  sqlite3_vfs_register(&vfs, 0);
}

SimulatedDatabaseFiles::~SimulatedDatabaseFiles() { sqlite3_vfs_unregister(&registration_->vfs); }

}  // namespace docmill::test
