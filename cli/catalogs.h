// Catalogs: every source, processor and output of this docmill, for the commands that read a whole
// pipeline file. A value that must outlive what is loaded with it.
#pragma once

#include <cstdint>
#include <optional>

#include "shared/config/pipeline.h"

namespace docmill {

class Catalogs {
 public:
  Catalogs();

  ComponentSets sets() const { return {&sources_, &processors_, &outputs_}; }

 private:
  ComponentSet sources_;
  ComponentSet processors_;
  ComponentSet outputs_;
};

// How many documents the pipeline's producers will read together, where its source tells.
std::optional<std::uint64_t> total_documents(const PipelineConfig& config);

// Whether documents may wait in a sink's spool after their producer has counted them as delivered.
bool spills_documents(const PipelineConfig& config);

}  // namespace docmill
