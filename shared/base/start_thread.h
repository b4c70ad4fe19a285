// start_thread(): a thread, or an Error where the system has no room for one.
//
// std::thread throws at a limit of processes (ulimit -u, the pids limit of a container), and an
// exception ends the daemon.
#pragma once

#include <functional>
#include <thread>

#include "shared/base/result.h"

namespace docmill {

// Unavailable: the limit of processes or memory is reached.
Result<std::thread> start_thread(std::function<void()> run);

}  // namespace docmill
