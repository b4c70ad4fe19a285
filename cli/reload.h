// docmill reload: the daemons of a pipeline that run on this machine take over its file as it is
// now.
#pragma once

#include <string>

namespace docmill {

// Checks the whole file first, and tells nobody when it has a finding. Then tells one daemon
// after the other - sinks, transformers, producers, so that whoever is named anew is known when it
// is needed - and says what each made of it.
int reload_command(const std::string& file);

}  // namespace docmill
