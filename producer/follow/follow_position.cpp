#include "producer/follow/follow_position.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "producer/files/number_text.h"
#include "shared/store/file_descriptor.h"
#include "shared/store/whole_file.h"

namespace docmill {
namespace {

constexpr std::string_view kVersion = "follow 2";

bool take_trace(std::string_view line, FileTrace& trace) {
  int left = 0;
  const bool read = take_word(line, "file") && take_number(line, trace.life) &&
                    take_number(line, trace.device) && take_number(line, trace.inode) &&
                    take_number(line, trace.born) && take_number(line, trace.head_bytes) &&
                    take_number(line, trace.head_hash) && take_number(line, trace.tail_end) &&
                    take_number(line, trace.tail_bytes) && take_number(line, trace.tail_hash) &&
                    take_number(line, trace.offset) && take_number(line, left) && line.empty();
  trace.left = left != 0;
  return read;
}

bool take_line(std::string_view line, std::vector<FollowedPath>& paths) {
  FollowedPath path;
  if (take_word(line, "path")) {
    if (!take_number(line, path.seen)) return false;
    path.path = line;
    paths.push_back(std::move(path));
    return true;
  }
  if (take_word(line, "spelled")) {
    if (!paths.empty()) paths.back().spelled = line;
    return !paths.empty();
  }
  FileTrace trace;
  if (paths.empty() || !take_trace(line, trace)) return false;
  paths.back().files.push_back(trace);
  return true;
}

// None when there is no such file. What is there and cannot be read is not nothing: everything
// would come twice.
Result<std::optional<std::string>> text_of(const std::filesystem::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open() && errno == ENOENT) return std::optional<std::string>();
  if (!file.open()) return file_error(path.string(), "open", errno, "let this user read it");
  std::string text;
  char piece[4096];
  ssize_t got = 0;
  do {
    got = ::read(file.number(), piece, sizeof(piece));
    if (got > 0) text.append(piece, static_cast<std::size_t>(got));
  } while (got > 0 || (got < 0 && errno == EINTR));
  if (got < 0) return file_error(path.string(), "read", errno, "check the disk");
  return std::optional(std::move(text));
}

}  // namespace

std::optional<std::string> followed_path(const std::string& path) {
  std::error_code missing;
  const std::filesystem::path whole = std::filesystem::absolute(path, missing);
  const auto folder = std::filesystem::canonical(whole.parent_path(), missing);
  if (missing) return std::nullopt;
  return folder / whole.filename();
}

// follow 2
// path SEEN PATH
// spelled PATH
// file LIFE DEVICE INODE BORN HEAD-BYTES HEAD-HASH TAIL-END TAIL-BYTES TAIL-HASH OFFSET LEFT
Result<std::vector<FollowedPath>> FollowPosition::load() const {
  const auto text = text_of(file_);
  if (!text) return text.error();
  std::vector<FollowedPath> paths;
  if (!*text) return paths;
  std::istringstream in(**text);
  std::string line;
  std::getline(in, line);
  bool is_ours = line == kVersion;
  while (is_ours && std::getline(in, line)) is_ours = take_line(line, paths);
  if (!is_ours) {
    return corrupt(
        fmt::format("{}: expected a position of version 2, found '{}'; use the docmill "
                    "that wrote it, or start over with --fresh",
                    file_.string(), line));
  }
  return paths;
}

Result<void> FollowPosition::save(const std::vector<FollowedPath>& paths) const {
  std::string text = fmt::format("{}\n", kVersion);
  const std::size_t skipped = paths.size() > kMaxPaths ? paths.size() - kMaxPaths : 0;
  for (std::size_t i = skipped; i < paths.size(); ++i) {
    const FollowedPath& path = paths[i];
    text += fmt::format("path {} {}\nspelled {}\n", path.seen, path.path, path.spelled);
    for (const FileTrace& trace : path.files) {
      text +=
          fmt::format("file {} {} {} {} {} {} {} {} {} {} {}\n", trace.life, trace.device,
                      trace.inode, trace.born, trace.head_bytes, trace.head_hash, trace.tail_end,
                      trace.tail_bytes, trace.tail_hash, trace.offset, trace.left ? 1 : 0);
    }
  }
  return write_whole(disk_, file_, text);
}

}  // namespace docmill
