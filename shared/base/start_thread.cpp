#include "shared/base/start_thread.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "shared/base/system_error.h"

namespace docmill {

Result<std::thread> start_thread(std::function<void()> run) {
  try {
    return std::thread(std::move(run));
  } catch (const std::system_error& error) {
    return unavailable(
        fmt::format("start a thread: {}; raise the limit of processes (ulimit -u, or the pids "
                    "limit of the container)",
                    error_text(error.code().value())));
  }
}

}  // namespace docmill
