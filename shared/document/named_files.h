// NamedFiles: the content of the files that processors name, directly or by an import.
//
// Read from the disk, each file once, or given, as part of a definition: then there are no others.
// A value; one thread at a time.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace docmill {

class NamedFiles {
 public:
  using Contents = std::map<std::string, std::string>;  // by path, normalized

  // All files together. They travel in one message and are kept in the producer's state.
  static constexpr std::size_t kMostBytes = 16 << 20;

  // Reads from the disk.
  NamedFiles() = default;
  // Reads nothing: has only these files.
  explicit NamedFiles(Contents contents) : contents_(std::move(contents)), given_(true) {}

  // The content is valid as long as this lives. Failure: kConfig, without the path.
  Result<std::string_view> read(const std::filesystem::path& path);
  // Everything that was given or read so far.
  const Contents& contents() const { return contents_; }
  // Whether the files are given: then whoever read them has checked where they are.
  bool given() const { return given_; }

 private:
  Contents contents_;
  std::size_t bytes_ = 0;
  bool given_ = false;
};

}  // namespace docmill
