#include "producer/follow/former_path.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "producer/follow/rotated_files.h"

namespace docmill {
namespace {

constexpr std::size_t kReadSize = 64 << 10;

// Behind the last line from the trace's offset on that the spool knows, without a gap.
std::uint64_t known_until(int file, const FileTrace& trace, const Spool& spool) {
  std::uint64_t known = trace.offset;
  std::uint64_t at = trace.offset;
  std::uint64_t line_bytes = 0;
  bool has_return = false;
  std::string piece(kReadSize, '\0');
  while (true) {
    const ssize_t got = ::pread(file, piece.data(), piece.size(), static_cast<off_t>(at));
    if (got <= 0) return known;
    for (const char byte : std::string_view(piece).substr(0, static_cast<std::size_t>(got))) {
      ++at;
      if (byte != '\n') {
        ++line_bytes;
        has_return = byte == '\r';
        continue;
      }
      // Empty lines are not in the spool.
      const bool is_empty = line_bytes == 0 || (line_bytes == 1 && has_return);
      if (!is_empty && !spool.knows(fmt::format("follow {:016x} {}", trace.life, at))) return known;
      known = at;
      line_bytes = 0;
      has_return = false;
    }
  }
}

}  // namespace

Result<void> catch_up(FollowedPath& former, const Spool& spool, Disk& disk) {
  const auto files = rotated_files(disk, former.spelled.empty() ? former.path : former.spelled);
  if (!files && files.error().code != ErrorCode::kUnavailable) return {};
  if (!files) return files.error();
  for (FileTrace& trace : former.files) {
    const auto listed = std::find_if(files->begin(), files->end(), [&](const RotatedFile& one) {
      return one.identity.inode == trace.inode;
    });
    if (trace.left || trace.head_bytes == 0 || listed == files->end()) continue;
    const auto file = open_rotated(disk, *listed);
    if (!file && file.error().code != ErrorCode::kUnavailable) continue;
    if (!file) return file.error();
    const auto content = content_of(file->number(), trace);
    if (!content || *content != Content::kWhole) continue;
    trace.offset = known_until(file->number(), trace, spool);
  }
  return {};
}

}  // namespace docmill
