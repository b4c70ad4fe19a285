// LogTail: what a daemon's log file says from now on, and which of it a person should see.
//
// The daemons write to the file themselves: their log does not depend on docmill. A value; one
// thread. A file that cannot be read says nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace docmill {

class LogTail {
 public:
  // Begins at the present end of the file.
  explicit LogTail(std::filesystem::path file);

  // The lines that were finished since the last call.
  std::vector<std::string> lines();

 private:
  std::filesystem::path file_;
  std::uint64_t at_ = 0;
  std::string open_line_;
};

// Warnings, errors and what is not a line of a daemon's log: what a library or a check printed.
bool is_for_people(std::string_view line);

}  // namespace docmill
