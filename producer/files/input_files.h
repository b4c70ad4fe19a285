// InputFiles: the settings that all sources of files have, and their part of a Schema.
//
//   struct LinesConfig : InputFiles { ... };
//   with_input_files(Schema<LinesConfig>(...).field("path", ...)).consistent(...)
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "producer/files/when_done.h"
#include "shared/config/schema.h"

namespace docmill {

struct InputFiles : WhenDoneSettings {
  std::filesystem::path path = {};
  std::optional<std::filesystem::path> claims = {};
  bool watch = false;

  std::string claims_folder() const { return claims ? claims->string() : std::string(); }
  WhenDone done() const { return {when_done, move_to.value_or(""), failed_to.value_or("")}; }
};

inline std::optional<std::string> claims_problem(const std::filesystem::path& claims) {
  if (claims.string().find('{') == std::string::npos) return std::nullopt;
  return "must be one folder for all producers, got '" + claims.string() + "'";
}

// What the settings say against each other.
inline std::optional<std::string> input_files_problem(const InputFiles& files) {
  if (files.watch && files.claims) {
    return "watch cannot share files by claims; give each producer a folder, with {producer} in "
           "the path";
  }
  return when_done_problem(files, files.path, files.claims);
}

// All of them but `path`, which each source describes in its own words.
template <typename T>
Schema<T> with_input_files(Schema<T> schema) {
  using Path = std::optional<std::filesystem::path>;
  return std::move(schema)
      .field("claims", static_cast<Path T::*>(&InputFiles::claims),
             "A folder that all producers see and that holds nothing else, where several of them "
             "share the path: in it each marks the files that it reads.",
             example("claims"), check(claims_problem))
      .field("watch", static_cast<bool T::*>(&InputFiles::watch),
             "Go on without an end: what is there is read, then each file that is closed after "
             "writing or renamed into the folder; one that is written again is read again.")
      .field("when_done", static_cast<WhenDoneAction T::*>(&InputFiles::when_done),
             "What becomes of a file when each of its documents is delivered, filtered or a dead "
             "letter and that is on disk: it stays, is moved to the folder move_to, or is deleted. "
             "A file that could not be read completely stays, or is moved to failed_to.")
      .field("move_to", static_cast<Path T::*>(&InputFiles::move_to),
             "The folder for the files that are done, made when missing; on the same file system. "
             "A file never takes the place of another one there: beside a.xml comes a-2.xml.",
             example("done"))
      .field("failed_to", static_cast<Path T::*>(&InputFiles::failed_to),
             "The folder for the files that could not be read completely: unreadable, damaged, cut "
             "off, or with a document above limits.document. Without it they stay in place. Made "
             "when missing, on the same file system; names as for move_to.",
             example("failed"));
}

}  // namespace docmill
