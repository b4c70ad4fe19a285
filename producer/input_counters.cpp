#include "producer/input_counters.h"

#include <fmt/format.h>

namespace docmill {

Result<void> unread_input(const InputCounters& counters) {
  if (counters.failed_files == 0) return {};
  const bool one = counters.failed_files == 1;
  return malformed(fmt::format(
      "{} could not be read completely; the dead letters say why; repair {}, and give {} to have "
      "the rest read",
      one ? "1 file" : fmt::format("{} files", counters.failed_files), one ? "it" : "them",
      one ? "it a new name" : "them new names"));
}

}  // namespace docmill
