// Reading YAML: the one place that knows the YAML library.
//
// What is wrong with the text is a finding at the place given. Limits: 1 MiB of text, 64 levels,
// 100,000 nodes and 8 MiB after aliases are expanded; UTF-8 without control characters; one
// document.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "shared/config/findings.h"
#include "shared/config/yaml_node.h"

namespace docmill {

// Nothing, and at least one finding, when the text is not YAML within the limits.
std::optional<YamlNode> parse_yaml(std::string_view text, const Place& place);

// The same for a file; one that cannot be read is a finding as well.
std::optional<YamlNode> read_yaml(const std::filesystem::path& file, const Place& place);

}  // namespace docmill
