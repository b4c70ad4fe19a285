#include "producer/files/file_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "producer/files/file_search.h"

namespace docmill {
namespace {

constexpr std::uint64_t kMostHashed = 256 << 20;
constexpr std::size_t kHashedAtOnce = 256 << 10;

// The server of a network file system may be reached again.
bool may_pass(int error_number) {
  return is_transient(error_number) || failure_of(error_number) == Failure::kPeer;
}

Error later(const std::string& path, const std::string& action, int error_number) {
  return unavailable(fmt::format("{}: {}: {}", path, action, error_text(error_number)));
}

bool is_missing(int error_number) { return error_number == ENOENT || error_number == ENOTDIR; }

Error gone(const KnownFile& file) {
  return malformed(
      fmt::format("{}: gone since it was first seen; to have it read, put it back under a new name",
                  file.path));
}

Error unreadable(const KnownFile& file, int error_number) {
  if (may_pass(error_number)) return later(file.path, "open", error_number);
  return malformed(fmt::format("{}: {}; make it readable, and give it a new name to have it read",
                               file.path, error_text(error_number)));
}

void warn_if_changed(const KnownFile& file, const struct stat& now, Log& log) {
  const auto size = static_cast<std::uint64_t>(now.st_size);
  const std::int64_t modified = now.st_mtim.tv_sec * 1'000'000'000LL + now.st_mtim.tv_nsec;
  std::string how;
  if (size != file.size) {
    how = fmt::format("{} bytes then, {} now", file.size, size);
  } else if (is_still_there(file, {file.path, size, now.st_ino, modified})) {
    return;
  } else if (now.st_ino != file.inode) {
    how = fmt::format("another file of {} bytes now", size);
  } else {
    how = fmt::format("written to since, {} bytes then and now", size);
  }
  log.warn(
      "{}: changed since it was first read ({}); records that were delivered and differ now become "
      "dead letters",
      file.path, how);
}

}  // namespace

Result<FileReader> FileReader::open(const KnownFile& file, InputFolders& folders, Log& log) {
  // O_NONBLOCK: a pipe that took the file's place must not make the producer wait for a writer.
  FileDescriptor descriptor(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!descriptor.open() && is_missing(errno)) {
    const Result<bool> is_gone = folders.is_gone(file);
    if (is_gone && *is_gone) return gone(file);
    if (!is_gone && is_gone.error().code == ErrorCode::kUnavailable) return is_gone.error();
    return later(file.path, "open", EAGAIN);
  }
  if (!descriptor.open()) return unreadable(file, errno);
  folders.found(file.path);
  struct stat now {};
  if (fstat(descriptor.number(), &now) != 0) return unreadable(file, errno);
  if (S_ISDIR(now.st_mode)) return unreadable(file, EISDIR);
  if (!S_ISREG(now.st_mode)) {
    return malformed(fmt::format(
        "{}: not a file any more; to have the file read, put it back under a new name", file.path));
  }
  warn_if_changed(file, now, log);
  return FileReader(file, std::move(descriptor));
}

Result<Compression> FileReader::look(const std::string& path) {
  const FileDescriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!descriptor.open() && is_transient(errno)) return disk_error(path, "open", errno);
  char first[kCompressionMark];
  const ssize_t got =
      descriptor.open() ? pread(descriptor.number(), first, sizeof(first), 0) : ssize_t{0};
  if (got < 0 && is_transient(errno)) return disk_error(path, "read", errno);
  return compression_of({first, static_cast<std::size_t>(std::max<ssize_t>(got, 0))});
}

Result<FileReader> FileReader::again() const {
  FileDescriptor descriptor(fcntl(descriptor_.number(), F_DUPFD_CLOEXEC, 0));
  if (!descriptor.open()) return unreadable(*file_, errno);
  return FileReader(*file_, std::move(descriptor));
}

Result<FileReader::Piece> FileReader::read(char* into, std::size_t most) {
  if (file_->compression != Compression::kNone) return read_unpacked(into, most);
  if (budget_ == 0) return Piece{};
  byte_ = offset_;
  const Result<std::size_t> got =
      read_bytes(into, static_cast<std::size_t>(std::min<std::uint64_t>(most, budget_)));
  if (!got) return got.error();
  offset_ = byte_;
  return Piece{.bytes = *got, .at_end = *got == 0};
}

Result<FileReader::Piece> FileReader::read_unpacked(char* into, std::size_t most) {
  if (unpacker_ == nullptr || unpacker_->offset() > offset_) {
    unpacker_ = std::make_unique<Unpacker>(*file_);
    byte_ = 0;
  }
  const Unpacker::Raw raw = [this](char* to, std::size_t wanted) { return read_bytes(to, wanted); };
  while (budget_ > 0) {
    const Result<std::string_view> piece = unpacker_->peek(raw);
    if (!piece) return piece.error();
    if (piece->empty() && unpacker_->at_end()) return Piece{.at_end = true};
    if (piece->empty()) continue;
    const std::uint64_t ahead = offset_ - unpacker_->offset();
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(piece->size(), ahead > 0 ? ahead : most));
    if (ahead == 0) {
      std::memcpy(into, piece->data(), size);
      offset_ += size;
    }
    unpacker_->take(size);
    spend(size);
    if (ahead == 0) return Piece{.bytes = size};
  }
  return Piece{};
}

Result<std::size_t> FileReader::read_bytes(char* into, std::size_t most) {
  const std::uint64_t left = file_->size > byte_ ? file_->size - byte_ : 0;
  const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(most, left));
  if (wanted == 0) return std::size_t{0};
  while (true) {
    const ssize_t got = pread(descriptor_.number(), into, wanted, static_cast<off_t>(byte_));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && may_pass(errno)) {
      return later(file_->path, fmt::format("read at byte {}", byte_), errno);
    }
    if (got < 0) {
      return malformed(
          fmt::format("{}: read at byte {}: {}; repair it, and give it a new name to have it read",
                      file_->path, byte_, error_text(errno)));
    }
    byte_ += static_cast<std::uint64_t>(got);
    spend(static_cast<std::uint64_t>(got));
    return static_cast<std::size_t>(got);
  }
}

Result<std::optional<RangeHash::Hashed>> RangeHash::of(std::uint64_t begin, std::uint64_t end) {
  if (!reader_) {
    auto again = of_->again();
    if (!again) return again.error();
    reader_.emplace(std::move(*again));
  }
  if (!hash_) {
    reader_->seek(begin);
    hash_.emplace();
    bytes_ = 0;
  }
  reader_->begin_step();
  const std::uint64_t wanted = std::min(end - begin, kMostHashed);
  std::vector<char> piece(kHashedAtOnce);
  while (bytes_ < wanted) {
    const auto most = std::min<std::uint64_t>(piece.size(), wanted - bytes_);
    const auto got = reader_->read(piece.data(), static_cast<std::size_t>(most));
    if (!got && got.error().code == ErrorCode::kUnavailable) return got.error();
    if (!got || got->at_end) break;  // as far as it can be read
    if (got->bytes == 0) return std::optional<Hashed>();
    hash_->add({piece.data(), got->bytes});
    bytes_ += got->bytes;
  }
  const Hashed hashed{.bytes = bytes_, .hash = hash_->value()};
  hash_.reset();
  return std::optional(hashed);
}

}  // namespace docmill
