// Insistence: makes the daemons of a role end. They are asked first; those that have not ended in
// time are asked again, which daemons take for "at once", and are killed when that does not help
// either. None of them loses anything by it. A value; one thread.
#pragma once

#include <chrono>
#include <string>

#include "cli/children.h"
#include "shared/base/units.h"

namespace docmill {

// Beyond shutdown_timeout, which daemons take for what their peers and outputs have not got yet.
inline constexpr Duration kBeyondTimeout = std::chrono::seconds(1);

class Insistence {
 public:
  explicit Insistence(Children& children) : children_(children) {}

  void ask(const std::string& role, Time now);
  // The role that was asked last; empty when none was.
  const std::string& asked() const { return asked_; }
  bool asked_again() const { return again_; }
  // patience: how long daemons may take after each signal. True when it kills.
  bool tick(Time now, Duration patience);

 private:
  Children& children_;
  std::string asked_;
  Time asked_at_{};
  bool again_ = false;
};

}  // namespace docmill
