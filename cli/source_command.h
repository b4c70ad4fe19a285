// docmill source forget: consents to giving up what is left of a source that cannot be opened any
// more, for the producers whose state is on this machine.
#pragma once

#include <string>

namespace docmill {

// Prints a line for each producer. Each decides when it starts, and gives up nothing that it can
// still read. May be repeated.
int forget_source_command(const std::string& file);

}  // namespace docmill
