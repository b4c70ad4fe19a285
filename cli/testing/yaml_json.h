// YAML as the JSON that it says. Pure functions.
#pragma once

#include <string>

#include "shared/config/yaml_node.h"

namespace docmill {

// On one line. A scalar without quotes that is a number of JSON, true, false or null is just that,
// digit by digit; every other scalar is a string: "12", yes, 0x1F, 1_000.
std::string json_of(const YamlNode& node);

}  // namespace docmill
