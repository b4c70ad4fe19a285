#include "producer/follow/followed_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "producer/follow/known_lines.h"
#include "shared/base/hash.h"
#include "shared/base/random.h"

namespace docmill {
namespace {

constexpr std::size_t kRead = 64 << 10;  // so that few lines come at once, whatever their length
constexpr std::size_t kMostOfACall = 1 << 20;
// Enough for a sample before the last whole line, unless more than this of the next one was read.
constexpr std::size_t kRecent = 4096;

std::optional<std::uint64_t> size_of(int file) {
  struct stat status {};
  if (fstat(file, &status) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

std::size_t leading_nuls(std::string_view bytes) {
  return std::min(bytes.find_first_not_of('\0'), bytes.size());
}

bool has_data_from(int file, std::uint64_t offset) {
  return ::lseek(file, static_cast<off_t>(offset), SEEK_DATA) >= 0 || errno != ENXIO;
}

std::size_t without_nuls(std::string_view bytes) { return bytes.find_last_not_of('\0') + 1; }

}  // namespace

FollowedFile FollowedFile::begin(FileDescriptor file, const FileTrace& identity,
                                 const std::filesystem::path& path, FormatChoice format,
                                 Bytes limit) {
  FileTrace trace = identity;
  trace.life = random_number();
  return FollowedFile(std::move(file), trace, path, format, limit);
}

FollowedFile FollowedFile::resume(FileDescriptor file, const FileTrace& trace,
                                  const std::filesystem::path& path, FormatChoice format,
                                  Bytes limit) {
  FollowedFile followed(std::move(file), trace, path, format, limit);
  followed.repeats_ = true;
  followed.start_at(trace.offset);
  return followed;
}

void FollowedFile::start_at(std::uint64_t offset) {
  lines_.give_keys(key_prefix(trace_), offset);
  const std::size_t bytes = std::min<std::uint64_t>(offset, FileTrace::kMaxSample);
  recent_.resize(bytes);
  const ssize_t got =
      ::pread(file_.number(), recent_.data(), bytes, static_cast<off_t>(offset - bytes));
  recent_.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
}

bool FollowedFile::catch_up(const Spool& spool) {
  if (!std::exchange(repeats_, false)) return false;
  const std::uint64_t known = known_until(file_.number(), trace(), spool);
  if (known == lines_.given()) return false;
  start_at(known);
  sample_tail();
  return kept();
}

FollowedFile::FollowedFile(FileDescriptor file, const FileTrace& trace,
                           const std::filesystem::path& path, FormatChoice format, Bytes limit)
    : file_(std::move(file)), trace_(trace), kept_(trace), lines_(path.string(), format, limit) {
  lines_.give_keys(key_prefix(trace), trace.offset);
}

// A file that cannot be looked at right now is not a file that was cut.
bool FollowedFile::is_cut() const {
  if (cut_) return true;
  const auto size = size_of(file_.number());
  if (!size) return false;
  if (*size < lines_.came_upto()) return true;
  const auto content = content_of(file_.number(), trace());
  return content.ok() && *content != Content::kWhole;
}

bool FollowedFile::is_deleted() const {
  struct stat status {};
  return fstat(file_.number(), &status) == 0 && status.st_nlink == 0;
}

bool FollowedFile::sample_start() {
  // An error is met again by whoever reads the file.
  return trace_.head_bytes > 0 || (read_head(file_.number(), trace_) && trace_.head_bytes > 0);
}

FileTrace FollowedFile::trace() const {
  FileTrace now = trace_;
  now.offset = lines_.given();
  return now;
}

bool FollowedFile::kept() {
  if (is_kept()) return false;
  kept_ = trace();
  return true;
}

FileTrace FollowedFile::kept_trace() const {
  FileTrace kept = kept_;
  kept.head_bytes = trace_.head_bytes;
  kept.head_hash = trace_.head_hash;
  return kept;
}

Result<std::size_t> FollowedFile::read(Spool& spool, std::uint64_t most) {
  const std::uint64_t before = spool.next();
  if (auto given = lines_.give(spool, false); !given) return given.error();
  std::size_t total = 0;
  at_end_ = false;
  while (total < kMostOfACall && spool.next() - before < most && !at_end_ && !lines_.waits() &&
         !cut_) {
    const auto came = read_piece();
    if (!came) return came.error();
    total += *came;
    if (auto given = lines_.give(spool, false); !given) return given.error();
  }
  sample_tail();
  return total;
}

Result<std::size_t> FollowedFile::read_piece() {
  const std::uint64_t offset = lines_.came_upto();
  char* const at = lines_.room(kRead);
  const ssize_t got = ::pread(file_.number(), at, kRead, static_cast<off_t>(offset));
  const int error_number = got < 0 ? errno : 0;
  // Checked after reading: a cut before it would have joined bytes of two contents.
  const auto continues = has_bytes_before(offset);
  cut_ = continues.ok() && !*continues;
  const bool is_usable = got > 0 && continues.ok() && !cut_;
  std::size_t came = is_usable ? static_cast<std::size_t>(got) : 0;
  const bool may_be_hole = lines_.given() == offset && (offset == 0 || recent_.ends_with('\0'));
  // Room that has no bytes yet: a file that was allocated ahead, or one of a network file system.
  const std::size_t filled = without_nuls({at, came});
  if (filled < came && (came < kRead || !has_data_from(file_.number(), offset + came))) {
    came = filled;
  }
  const std::size_t nuls = may_be_hole ? leading_nuls({at, came}) : 0;
  recent_.append(at, came);
  if (recent_.size() == offset + came) sample_head();
  if (recent_.size() > kRecent) recent_.erase(0, recent_.size() - kRecent);
  if (nuls == 0) lines_.came(came);
  if (nuls > 0) pass_hole(offset + nuls, {at + nuls, came - nuls});
  if (error_number != 0 && error_number != EINTR) {
    return file_error("producer.source.follow", "read", error_number, "check the disk");
  }
  if (!continues) return continues.error();
  at_end_ = got >= 0 && came == 0 && !cut_;
  return came;
}

void FollowedFile::pass_hole(std::uint64_t end, std::string_view behind) {
  const std::string line(behind);  // the room is given back first
  lines_.came(0);
  passed_over_ += end - lines_.given();
  if (line.empty()) {
    const off_t data = ::lseek(file_.number(), static_cast<off_t>(end), SEEK_DATA);
    if (data > static_cast<off_t>(end)) {
      passed_over_ += static_cast<std::uint64_t>(data) - end;
      end = static_cast<std::uint64_t>(data);
      recent_.assign(kRecent, '\0');
    }
  }
  lines_.give_keys(key_prefix(trace_), end);
  line.copy(lines_.room(line.size()), line.size());
  lines_.came(line.size());
}

std::uint64_t FollowedFile::take_passed_over() {
  return recent_.ends_with('\0') ? 0 : std::exchange(passed_over_, 0);
}

Result<bool> FollowedFile::has_bytes_before(std::uint64_t position) const {
  const auto content = content_of(file_.number(), trace());
  if (!content) return content.error();
  if (*content != Content::kWhole) return false;
  std::string now(recent_.size(), '\0');
  const std::uint64_t begin = position - now.size();
  const ssize_t got = ::pread(file_.number(), now.data(), now.size(), static_cast<off_t>(begin));
  if (got < 0) return file_error("producer.source.follow", "read", errno, "check the disk");
  return static_cast<std::size_t>(got) == now.size() && now == recent_;
}

// All that was read so far is recent. The file itself may have been truncated meanwhile.
void FollowedFile::sample_head() {
  const std::uint64_t bytes = std::min<std::uint64_t>(recent_.size(), FileTrace::kMaxSample);
  if (bytes <= trace_.head_bytes) return;
  trace_.head_bytes = bytes;
  trace_.head_hash = hash64(std::string_view(recent_).substr(0, bytes));
}

void FollowedFile::sample_tail() {
  const std::uint64_t end = lines_.given();
  const std::uint64_t behind = lines_.came_upto() - end;
  const std::uint64_t bytes = std::min<std::uint64_t>(end, FileTrace::kMaxSample);
  // What is known of an earlier position stays true.
  if (end == trace_.tail_end || behind + bytes > recent_.size()) return;
  trace_.tail_end = end;
  trace_.tail_bytes = bytes;
  trace_.tail_hash =
      hash64(std::string_view(recent_).substr(recent_.size() - behind - bytes, bytes));
}

}  // namespace docmill
