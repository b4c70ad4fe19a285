// RoutedOutput: the settings of an output with those that every output has beside its own.
//
// An output's schema knows nothing of them: `routed` puts them in front of it, for the parser, the
// findings and the reference alike.
#pragma once

#include <any>
#include <string>
#include <vector>

#include "shared/config/component.h"

namespace docmill {

struct RoutedOutput {
  std::vector<std::string> route;  // empty: every document
  std::any own;                    // what the output's own schema gave
};

// The schema of a RoutedOutput whose own settings are those of the schema.
AnySchema routed(const AnySchema& output);

// The routes of an output that a routed schema has read; empty when it takes every document, or was
// not read.
const std::vector<std::string>& routes_of(const Component& output);

}  // namespace docmill
