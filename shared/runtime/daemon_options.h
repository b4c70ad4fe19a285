// The command line of a stage daemon.
#pragma once

#include <string>
#include <variant>

#include "shared/config/pipeline.h"
#include "shared/runtime/keyring.h"

namespace docmill {

struct DaemonOptions {
  std::string file;  // the pipeline file
  std::string name;  // p1 or s1 where none is given; of a transformer, "t" and its process id
  Counts counts;
  bool verbose = false;
  bool fresh = false;
  bool must_finish = false;
};

// Or the exit code, after the help or an error was printed.
std::variant<DaemonOptions, int> parse_options(Role role, int argc, char** argv);

}  // namespace docmill
