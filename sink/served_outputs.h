// ServedOutputs: gives each output its turn for what goes on beside the groups.
//
// What time may cure - no free descriptor, no room - is logged, once a minute for each output, and
// is tried again in the next turn. Any other error is the sink's. One thread; the outputs, their
// places and the log outlive it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "shared/base/log.h"
#include "shared/base/throttle.h"
#include "shared/runtime/component.h"

namespace docmill {

class ServedOutputs {
 public:
  // places: of the outputs, "sink.outputs.http".
  ServedOutputs(const std::vector<std::unique_ptr<Output>>& outputs,
                const std::vector<std::string>& places, Log& log)
      : outputs_(outputs), places_(places), log_(log) {}

  Result<void> serve(Time now);

 private:
  const std::vector<std::unique_ptr<Output>>& outputs_;
  const std::vector<std::string>& places_;
  Log& log_;
  Throttle failures_;
};

}  // namespace docmill
