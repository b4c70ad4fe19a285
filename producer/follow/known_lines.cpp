#include "producer/follow/known_lines.h"

#include <fmt/format.h>
#include <unistd.h>

#include <string_view>

namespace docmill {
namespace {

constexpr std::size_t kReadSize = 64 << 10;

}  // namespace

std::string key_prefix(const FileTrace& trace) {
  return fmt::format("follow {:016x} ", trace.life);
}

std::uint64_t known_until(int file, const FileTrace& trace, const Spool& spool) {
  std::uint64_t known = trace.offset;
  std::uint64_t at = trace.offset;
  std::uint64_t line_bytes = 0;
  bool has_return = false;
  const std::string prefix = key_prefix(trace);
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
      if (!is_empty && !spool.knows(prefix + std::to_string(at))) return known;
      known = at;
      line_bytes = 0;
      has_return = false;
    }
  }
}

}  // namespace docmill
