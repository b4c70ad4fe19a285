#include "producer/follow/file_trace.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "shared/base/hash.h"
#include "shared/store/file_descriptor.h"

namespace docmill {
namespace {

// Files of one program often begin in the same way, and lines of a log may repeat.
constexpr std::uint64_t kSamples = 16;

std::int64_t nanoseconds(const statx_timestamp& time) {
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

// Identifies a path or, with an empty path, an open file. None with errno 0: not a regular file.
std::optional<FileTrace> identity(int file, const char* path) {
  struct statx status {};
  if (statx(file, path, AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &status) != 0) {
    return std::nullopt;
  }
  errno = 0;
  if (!S_ISREG(status.stx_mode)) return std::nullopt;
  FileTrace found;
  found.device = makedev(status.stx_dev_major, status.stx_dev_minor);
  found.inode = status.stx_ino;
  const bool knows_birth = (status.stx_mask & STATX_BTIME) != 0;
  found.has_birth = knows_birth;
  found.born = nanoseconds(knows_birth ? status.stx_btime : status.stx_mtime);
  return found;
}

// Fewer bytes when the file ends before.
Result<std::string> sample_of(int file, std::uint64_t begin, std::uint64_t bytes) {
  std::string sample(std::min<std::uint64_t>(bytes, FileTrace::kMaxSample), '\0');
  const ssize_t got = ::pread(file, sample.data(), sample.size(), static_cast<off_t>(begin));
  if (got < 0) return file_error("producer.source.follow", "read", errno, "check the disk");
  sample.resize(static_cast<std::size_t>(got));
  return sample;
}

Result<bool> has_sample(int file, std::uint64_t begin, std::uint64_t bytes, std::uint64_t hash) {
  if (bytes == 0) return true;
  const auto sample = sample_of(file, begin, bytes);
  if (!sample) return sample.error();
  return sample->size() == bytes && hash64(*sample) == hash;
}

}  // namespace

Result<std::optional<FileTrace>> identity_of(const std::filesystem::path& path) {
  const auto found = identity(AT_FDCWD, path.c_str());
  if (found) return found;
  const int error_number = errno;
  if (error_number == 0 || error_number == ENOENT || error_number == ENOTDIR ||
      error_number == ELOOP) {
    return std::optional<FileTrace>();
  }
  // One link among the files must not keep the others from being read.
  struct stat link {};
  if (error_number == EACCES && lstat(path.c_str(), &link) == 0 && S_ISLNK(link.st_mode)) {
    return std::optional<FileTrace>();
  }
  return file_error(path.string(), "look", error_number, "let this user enter its folder");
}

std::optional<FileTrace> identity_of(int file) { return identity(file, ""); }

bool is_same_file(const FileTrace& one, const FileTrace& other) {
  return one.device == other.device && is_known_file(one, other);
}

bool is_known_file(const FileTrace& trace, const FileTrace& found) {
  return trace.inode == found.inode && (trace.born == found.born || !found.has_birth);
}

FileTrace moved(FileTrace trace, const FileTrace& identity) {
  trace.device = identity.device;
  trace.inode = identity.inode;
  trace.born = identity.born;
  trace.has_birth = identity.has_birth;
  return trace;
}

Result<Content> content_of(int file, const FileTrace& trace) {
  struct stat status {};
  if (fstat(file, &status) != 0) {
    return file_error("producer.source.follow", "read", errno, "check the disk");
  }
  const auto head = has_sample(file, 0, trace.head_bytes, trace.head_hash);
  if (!head) return head.error();
  if (!*head) return Content::kOther;
  if (static_cast<std::uint64_t>(status.st_size) < trace.offset) {
    return trace.head_bytes > 0 ? Content::kPart : Content::kOther;
  }
  const auto tail =
      has_sample(file, trace.tail_end - trace.tail_bytes, trace.tail_bytes, trace.tail_hash);
  if (!tail) return tail.error();
  return *tail ? Content::kWhole : Content::kOther;
}

Result<bool> have_same_bytes(int one, int other, std::uint64_t bytes) {
  const std::uint64_t last = bytes - std::min<std::uint64_t>(bytes, FileTrace::kMaxSample);
  for (std::uint64_t i = 0; i <= kSamples; ++i) {
    const std::uint64_t at = last / kSamples * i + (i == kSamples ? last % kSamples : 0);
    const auto here = sample_of(one, at, bytes - at);
    if (!here) return here.error();
    const auto there = sample_of(other, at, bytes - at);
    if (!there) return there.error();
    if (*here != *there) return false;
  }
  return true;
}

Result<bool> is_beginning_of(int part, int whole) {
  struct stat one {};
  struct stat other {};
  if (fstat(part, &one) != 0 || fstat(whole, &other) != 0) {
    return file_error("producer.source.follow", "read", errno, "check the disk");
  }
  if (one.st_size > other.st_size) return false;
  return have_same_bytes(part, whole, static_cast<std::uint64_t>(one.st_size));
}

Result<void> read_head(int file, FileTrace& trace) {
  const auto sample = sample_of(file, 0, FileTrace::kMaxSample);
  if (!sample) return sample.error();
  trace.head_bytes = sample->size();
  trace.head_hash = hash64(*sample);
  return {};
}

Result<FileTrace> whole_trace(int file, const FileTrace& identity) {
  FileTrace trace = moved({}, identity);
  struct stat status {};
  if (fstat(file, &status) != 0) {
    return file_error("producer.source.follow", "read", errno, "check the disk");
  }
  if (auto head = read_head(file, trace); !head) return head.error();
  trace.offset = static_cast<std::uint64_t>(status.st_size);
  const std::uint64_t bytes = std::min<std::uint64_t>(trace.offset, FileTrace::kMaxSample);
  const auto tail = sample_of(file, trace.offset - bytes, bytes);
  if (!tail) return tail.error();
  trace.tail_end = trace.offset;
  trace.tail_bytes = tail->size();
  trace.tail_hash = hash64(*tail);
  return trace;
}

}  // namespace docmill
