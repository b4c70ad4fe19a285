#include "producer/follow/followed_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "shared/base/hash.h"
#include "shared/base/random.h"

namespace docmill {
namespace {

constexpr std::size_t kHead = 256;
constexpr std::size_t kRead = 64 << 10;  // so that few lines come at once, whatever their length
constexpr std::size_t kMostOfACall = 1 << 20;

// The hash of the first bytes; none when there are not so many, or they cannot be read (`got` is
// below zero then).
std::optional<std::uint64_t> hash_of_head(int file, std::uint64_t bytes, ssize_t& got) {
  char head[kHead];
  got = ::pread(file, head, bytes, 0);
  if (got < 0 || static_cast<std::uint64_t>(got) < bytes) return std::nullopt;
  return hash64(std::string_view(head, bytes));
}

std::int64_t nanoseconds(const statx_timestamp& time) {
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

std::optional<std::uint64_t> size_of(int file) {
  struct stat status {};
  if (fstat(file, &status) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

// Of a path, or, where that is empty, of an open file.
std::optional<FileTrace> identity(int file, const char* path) {
  struct statx status {};
  if (statx(file, path, AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &status) != 0 ||
      !S_ISREG(status.stx_mode)) {
    return std::nullopt;
  }
  FileTrace found;
  found.inode = status.stx_ino;
  const bool knows_birth = (status.stx_mask & STATX_BTIME) != 0;
  found.born = nanoseconds(knows_birth ? status.stx_btime : status.stx_mtime);
  return found;
}

}  // namespace

std::optional<FileTrace> identity_of(const std::filesystem::path& path) {
  return identity(AT_FDCWD, path.c_str());
}

Result<std::optional<FollowedFile>> FollowedFile::open(const std::filesystem::path& path,
                                                       FormatChoice format, Bytes limit,
                                                       const std::optional<FileTrace>& trace) {
  // A pipe or a device of that name must not block.
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.open() && (errno == ENOENT || errno == ENOTDIR)) return std::optional<FollowedFile>();
  if (!file.open()) {
    return file_error(path.string(), "open", errno, "let this user read it");
  }
  const auto found = identity(file.number(), "");
  if (!found) {
    return config_error(
        fmt::format("{}: expected a file that grows, found something else; name a "
                    "file",
                    path.string()));
  }
  FileTrace known = trace.value_or(*found);
  if (!trace) {
    known.life = random_number();
    ssize_t got = 0;
    known.head_bytes = std::min<std::uint64_t>(size_of(file.number()).value_or(0), kHead);
    known.head_hash = hash_of_head(file.number(), known.head_bytes, got).value_or(0);
    if (got < 0) return file_error(path.string(), "read", errno, "let this user read it");
  }
  FollowedFile followed(std::move(file), known, path, format, limit);
  if (found->inode != known.inode || followed.is_cut()) return std::optional<FollowedFile>();
  followed.repeats_ = trace.has_value();
  return std::optional(std::move(followed));
}

FollowedFile::FollowedFile(FileDescriptor file, const FileTrace& trace,
                           const std::filesystem::path& path, FormatChoice format, Bytes limit)
    : file_(std::move(file)), trace_(trace), lines_(path.string(), format, limit) {
  lines_.give_keys(fmt::format("follow {:016x} ", trace.life), trace.offset);
}

// A file that cannot be looked at right now is not a file that was cut.
bool FollowedFile::is_cut() const {
  const auto size = size_of(file_.number());
  if (!size) return false;
  if (*size < std::max(lines_.came_upto(), trace_.head_bytes)) return true;
  ssize_t got = 0;
  const auto hash = hash_of_head(file_.number(), trace_.head_bytes, got);
  return got >= 0 && hash != trace_.head_hash;
}

FileTrace FollowedFile::trace() const {
  FileTrace now = trace_;
  now.offset = lines_.given();
  return now;
}

Result<std::size_t> FollowedFile::read(Spool& spool, std::uint64_t most) {
  const std::uint64_t before = spool.next();
  if (auto given = lines_.give(spool, false); !given) return given.error();
  std::size_t total = 0;
  at_end_ = false;
  while (total < kMostOfACall && spool.next() - before < most && !at_end_ && !lines_.waits()) {
    const auto offset = static_cast<off_t>(lines_.came_upto());
    const ssize_t got = ::pread(file_.number(), lines_.room(kRead), kRead, offset);
    lines_.came(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno != EINTR) {
      return file_error("producer.source.follow", "read", errno, "check the disk");
    }
    at_end_ = got == 0;
    total += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
    if (auto given = lines_.give(spool, false); !given) return given.error();
  }
  if (at_end_ || lines_.waits() || spool.next() != before) repeats_ = false;
  if (trace_.head_bytes < kHead && lines_.came_upto() > trace_.head_bytes) {
    const std::uint64_t bytes = std::min<std::uint64_t>(lines_.came_upto(), kHead);
    ssize_t got = 0;
    if (const auto hash = hash_of_head(file_.number(), bytes, got)) {
      trace_.head_bytes = bytes;
      trace_.head_hash = *hash;
    }
  }
  return total;
}

}  // namespace docmill
