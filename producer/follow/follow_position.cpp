#include "producer/follow/follow_position.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "producer/files/number_text.h"
#include "shared/store/folder.h"

namespace docmill {
namespace {

constexpr std::string_view kFirst = "follow 1 ";

bool take_trace(std::string_view line, FileTrace& trace) {
  int left = 0;
  const bool read = take_number(line, trace.life) && take_number(line, trace.inode) &&
                    take_number(line, trace.born) && take_number(line, trace.head_bytes) &&
                    take_number(line, trace.head_hash) && take_number(line, trace.offset) &&
                    take_number(line, left) && line.empty();
  trace.left = left != 0;
  return read;
}

}  // namespace

// follow 1 PATH
// LIFE INODE BORN HEAD-BYTES HEAD-HASH OFFSET LEFT          one line a file
Result<std::vector<FileTrace>> FollowPosition::load() const {
  std::ifstream in(file_);
  std::vector<FileTrace> traces;
  std::string line;
  if (!std::getline(in, line)) return traces;
  const bool is_ours = line.starts_with(kFirst);
  if (is_ours && line.substr(kFirst.size()) != path_) return traces;
  while (is_ours && std::getline(in, line)) {
    FileTrace trace;
    if (!take_trace(line, trace)) break;
    traces.push_back(trace);
  }
  if (!is_ours || !in.eof()) {
    return corrupt(
        fmt::format("{}: expected a position of version 1, found '{}'; use the docmill "
                    "that wrote it, or start over with --fresh",
                    file_.string(), line));
  }
  return traces;
}

Result<void> FollowPosition::save(const std::vector<FileTrace>& traces) const {
  std::string text = fmt::format("{}{}\n", kFirst, path_);
  for (const FileTrace& trace : traces) {
    text += fmt::format("{} {} {} {} {} {} {}\n", trace.life, trace.inode, trace.born,
                        trace.head_bytes, trace.head_hash, trace.offset, trace.left ? 1 : 0);
  }
  const std::string next = file_.string() + ".next";
  errno = 0;
  const FileDescriptor file(::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const bool written =
      file.open() &&
      ::write(file.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      fdatasync(file.number()) == 0 && rename(next.c_str(), file_.c_str()) == 0;
  if (!written) {
    // A write that came to an end early found no room.
    return file_error(file_.string(), "write", errno == 0 ? ENOSPC : errno,
                      "let this user write there");
  }
  return sync_folder(folder_of(file_));
}

}  // namespace docmill
