// StopRequest: what a stage is asked to do: signals in a daemon, a simulated user in tests.
//
// One thread: the stage's.
#pragma once

#include <optional>

#include "shared/base/clock.h"

namespace docmill {

class StopRequest {
 public:
  virtual ~StopRequest() = default;
  // 0: nothing; 1: end in order; more: end at once.
  virtual int stops() = 0;
  // With stops(): until when the stage may wait for others.
  virtual std::optional<Time> deadline() const = 0;
  // The stage is opened again when it has ended.
  virtual bool reloading() const = 0;
};

}  // namespace docmill
