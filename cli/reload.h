// docmill reload: the daemons of a pipeline that run on this machine take over its file as it is
// now.
#pragma once

#include <string>

namespace docmill {

// Checks the whole file first, and tells no daemon when it has a finding, when a sink does not
// answer, or when a new address cannot be bound. Then tells one daemon after the other - sinks,
// transformers, producers, so that a new peer is known when it is needed - and prints what each
// made of it. When a sink does not take the file over, those after it are not told.
int reload_command(const std::string& file);

}  // namespace docmill
