// docmill sink: decides about a sink whose state is lost (forget) or older than what it
// acknowledged (accept), for the producers whose state is on this machine.
#pragma once

#include <cstddef>
#include <string>

#include "shared/store/sink_requests.h"

namespace docmill {

struct SinkOptions {
  std::string file;
  std::string sink;
  std::size_t sinks = 0;  // how many there are, where the file has no `network`
};

// Prints a line for each producer. One that runs takes the decision over by an orderly restart,
// like a reload; for one that does not run it is made at once. May be repeated.
int sink_command(SinkVerb verb, const SinkOptions& options);

}  // namespace docmill
