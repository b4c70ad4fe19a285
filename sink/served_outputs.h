// ServedOutputs: gives each output, and the publisher, its turn for what goes on beside the groups.
//
// What time may cure - no free descriptor, no room - is logged, once a minute for each output, and
// is tried again in the next turn. Any other error is the sink's. One thread; the outputs, their
// places, the publisher and the log outlive it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "shared/base/log.h"
#include "shared/base/throttle.h"
#include "shared/runtime/component.h"
#include "sink/publisher.h"

namespace docmill {

class ServedOutputs {
 public:
  // places: of the outputs, "sink.outputs.http".
  // publisher: none when nothing is published.
  ServedOutputs(const std::vector<std::unique_ptr<Output>>& outputs,
                const std::vector<std::string>& places, Publisher* publisher, Log& log)
      : outputs_(outputs), places_(places), publisher_(publisher), log_(log) {}

  Result<void> serve(Time now);
  // Subscribers have no room for all of the last group: serve() sends more every few milliseconds.
  bool sending() const;
  // Committed documents are on their way, which the end of the sink may wait for.
  bool waits() const;

 private:
  const std::vector<std::unique_ptr<Output>>& outputs_;
  const std::vector<std::string>& places_;
  Publisher* publisher_;
  Log& log_;
  Throttle failures_;
};

}  // namespace docmill
