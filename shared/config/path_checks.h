// Which files the parts of a pipeline file name, and that no two of them are one.
//
// Paths are compared as this machine resolves them; what is on the disk is only looked at.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "shared/config/pipeline.h"
#include "shared/config/spot.h"

namespace docmill {

// Where the `path` of a component stands, which may be a shorthand. Nothing when it has none, or
// the set does not know it. chosen: the mapping of which the component is the only entry.
std::optional<Spot> path_spot(const Component& component, const ComponentSet* set,
                              const Spot& chosen);

// Reports each output that writes to what another one, or the source of the same machine, has; and
// dead letters that go there.
void check_paths(const PipelineConfig& config, const YamlNode& root, const ComponentSets& sets,
                 const Place& place);

// What the source reads, one for each producer: files, folders or patterns; none when it names no
// path. sink: only of producers that share its machine; empty: of all.
std::vector<std::filesystem::path> source_paths(const PipelineConfig& config,
                                                const ComponentSets& sets,
                                                const std::string& sink = "");

}  // namespace docmill
