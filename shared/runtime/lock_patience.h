// LockPatience: how long one that needs a state folder waits for another process that has it
// locked.
//
// `docmill sink` and `docmill run` lock the folders of daemons that do not run for an instant. A
// daemon that starts in that instant must not end with the advice to stop them. A value; one
// thread.
#pragma once

#include <optional>

#include "shared/base/clock.h"
#include "shared/runtime/signals.h"

namespace docmill {

class LockPatience {
 public:
  // signals: those that end the wait, which outlive this; null: a signal ends the process.
  explicit LockPatience(Signals* signals = nullptr) : signals_(signals) {}

  // Waits for a moment. False: it has waited long enough, or a signal asks for an end.
  bool operator()();

 private:
  Signals* signals_;
  SystemClock clock_;
  std::optional<Time> until_;  // since the first call
};

}  // namespace docmill
