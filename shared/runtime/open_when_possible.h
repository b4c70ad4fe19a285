// Opens what a daemon needs before it can begin, however long room, descriptors or a lock are
// short.
//
// Not for the addresses of a daemon's own sockets: one that is in use is reported at once.
#pragma once

#include "shared/base/result.h"
#include "shared/store/state_folder.h"

namespace docmill {

class Daemon;

// Logs the error and waits two seconds. False: time does not cure it, or the daemon is told to end.
bool wait_to_open(Daemon& daemon, const Error& error);

// open: gives a Result; called again after each error that time may cure.
template <typename Open>
auto open_when_possible(Daemon& daemon, Open&& open) {
  for (;;) {
    auto opened = open();
    if (opened || !wait_to_open(daemon, opened.error())) return opened;
  }
}

// The daemon's state folder, locked, and of its pipeline. Waits likewise.
Result<StateFolder> open_state(Daemon& daemon);

}  // namespace docmill
