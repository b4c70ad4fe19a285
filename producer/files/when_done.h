// WhenDone: what becomes of a file whose documents are all settled - the settings `when_done`,
// `move_to` and `failed_to` of the sources that read files.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>

#include "shared/base/result.h"
#include "shared/config/scalar.h"

namespace docmill {

enum class WhenDoneAction { kKeep, kMove, kDelete };

constexpr std::array<EnumName<WhenDoneAction>, 3> enum_names(WhenDoneAction) {
  return {{{"keep", WhenDoneAction::kKeep},
           {"move", WhenDoneAction::kMove},
           {"delete", WhenDoneAction::kDelete}}};
}

struct WhenDone {
  WhenDoneAction action = WhenDoneAction::kKeep;
  std::filesystem::path move_to = {};
  std::filesystem::path failed_to =
      {};  // for files that could not be read completely; or they stay
};

// The settings as they are written.
struct WhenDoneSettings {
  WhenDoneAction when_done = WhenDoneAction::kKeep;
  std::optional<std::filesystem::path> move_to = {};
  std::optional<std::filesystem::path> failed_to = {};
};

// What the settings say against each other; path: that of the source.
std::optional<std::string> when_done_problem(const WhenDoneSettings& settings,
                                             const std::filesystem::path& path,
                                             const std::optional<std::filesystem::path>& claims);

// Makes the folders. kConfig, the text beginning with the field: one cannot be used.
Result<void> prepare(const WhenDone& when_done, const std::string& path);

}  // namespace docmill
