#include "cli/log_tail.h"

#include <fstream>
#include <utility>

namespace docmill {

LogTail::LogTail(std::filesystem::path file) : file_(std::move(file)) {
  std::error_code missing;
  const auto size = std::filesystem::file_size(file_, missing);
  at_ = missing ? 0 : size;
}

std::vector<std::string> LogTail::lines() {
  std::vector<std::string> lines;
  std::error_code missing;
  const auto size = std::filesystem::file_size(file_, missing);
  if (missing || size == at_) return lines;
  if (size < at_) {  // cut off by a log rotation
    at_ = 0;
    open_line_.clear();
  }
  std::ifstream stream(file_, std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(at_));
  char block[16 << 10];
  while (stream.read(block, sizeof block) || stream.gcount() > 0) {
    open_line_.append(block, static_cast<std::size_t>(stream.gcount()));
    at_ += static_cast<std::uint64_t>(stream.gcount());
  }
  std::size_t begin = 0;
  for (auto end = open_line_.find('\n'); end != std::string::npos;
       end = open_line_.find('\n', begin)) {
    lines.push_back(open_line_.substr(begin, end - begin));
    begin = end + 1;
  }
  open_line_.erase(0, begin);
  return lines;
}

bool is_for_people(std::string_view line) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || !line.substr(0, space).ends_with('Z')) return true;
  const std::string_view rest = line.substr(space + 1);
  return !rest.starts_with("info ") && !rest.starts_with("debug ");
}

}  // namespace docmill
