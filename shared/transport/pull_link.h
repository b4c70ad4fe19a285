// PullLink: takes messages from every peer. A socket in a daemon, a simulated queue in tests.
//
// One thread.
#pragma once

#include <vector>

#include "shared/transport/frame.h"

namespace docmill {

class PullLink {
 public:
  virtual ~PullLink() = default;
  // The next message; its frames replace those in `message`. False when there is none right now,
  // or after many that were discarded for having too many frames. Never blocks.
  virtual bool receive(std::vector<Frame>& message) = 0;
};

}  // namespace docmill
