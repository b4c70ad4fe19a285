// Spilling: what an Output implements, too, whose documents count as delivered when they are in a
// spool of its own on disk.
#pragma once

#include <memory>
#include <string>

#include "shared/runtime/component.h"
#include "shared/store/spool_mark.h"

namespace docmill {

struct Spill {
  std::string spool;  // its name in the ledger (SpoolMark)
  SpoolTotals totals;
  bool fails = false;  // documents wait, and the receiver did not take the last attempt
};

class Spilling {
 public:
  virtual ~Spilling() = default;
  virtual Spill spill() const = 0;
};

// None when the output is not a Spilling one.
inline const Spilling* spilling(const std::unique_ptr<Output>& output) {
  return dynamic_cast<const Spilling*>(output.get());
}

}  // namespace docmill
