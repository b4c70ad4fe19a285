// Publishing: what an Output implements, too, that sends committed documents to subscribers.
#pragma once

#include <memory>

#include "shared/runtime/component.h"

namespace docmill {

class Publishing {
 public:
  virtual ~Publishing() = default;
  // Subscribers have no room for all of the last group: serve() sends more every few milliseconds.
  virtual bool sending() const = 0;
};

// None when the output is not a Publishing one.
inline const Publishing* publishing(const std::unique_ptr<Output>& output) {
  return dynamic_cast<const Publishing*>(output.get());
}

}  // namespace docmill
