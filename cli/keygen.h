// docmill keygen: a pair of keys for each of some daemons (docs/security.md).
#pragma once

#include <string>
#include <vector>

namespace docmill {

struct KeygenOptions {
  std::string folder = "keys";
  std::vector<std::string> names;
};

// Makes all of them or, where a name is none or has a key already, none.
int keygen_command(const KeygenOptions& options);

}  // namespace docmill
