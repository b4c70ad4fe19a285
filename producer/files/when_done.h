// WhenDone: what becomes of a file whose documents are all settled - the settings `when_done` and
// `move_to` of the sources that read files.
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
};

// What the settings say against each other; path: that of the source.
std::optional<std::string> when_done_problem(WhenDoneAction action,
                                             const std::optional<std::filesystem::path>& move_to,
                                             const std::filesystem::path& path,
                                             const std::optional<std::filesystem::path>& claims);

// Makes the folder. kConfig, the text beginning with the field: it cannot be used.
Result<void> prepare(const WhenDone& when_done, const std::string& path);

}  // namespace docmill
