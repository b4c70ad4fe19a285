// Moving a file into a folder where other files may have its name.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "shared/base/result.h"

namespace docmill {

// "a.xml.gz" and 2: "a-2.xml.gz". A number stands before the ending, so that patterns still match.
std::string numbered_name(const std::string& name, std::size_t number);

// A folder that files are moved into. It remembers which numbers are taken, so that many files of
// one name cost no more than a few calls each. One thread.
class MoveTarget {
 public:
  explicit MoveTarget(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Renames the file into the folder, under its own name or a numbered one that is free; never over
  // another file. Not synced. Gone already is not an error. Errors begin with the path; see
  // file_error().
  Result<void> move(const std::filesystem::path& file);
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::size_t free_number(const std::string& name) const;

  std::filesystem::path folder_;
  std::map<std::string, std::size_t> next_;  // the number to try for a name that was taken
};

// Removes the file. The same errors.
Result<void> delete_file(const std::filesystem::path& file);

}  // namespace docmill
