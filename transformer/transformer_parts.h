// TransformerParts: what a transformer is made of besides its links.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "shared/protocol/member_core.h"
#include "transformer/worker.h"

namespace docmill {

struct TransformerParts {
  // An Error says which processor cannot be made. config and log outlive the parts. wake: called
  // after each event of a worker, by the thread that runs it.
  static Result<TransformerParts> open(const PipelineConfig& config, ProcessorDefinition definition,
                                       Log& log, MemberIdentity self, std::function<void()> wake);

  MemberIdentity self;
  std::uint64_t revision = 0;  // of the processors in the pipeline file and the files here
  std::unique_ptr<Workshop> shop;
  std::vector<std::unique_ptr<Worker>> workers;  // not started
};

}  // namespace docmill
