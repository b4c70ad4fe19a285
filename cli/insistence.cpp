#include "cli/insistence.h"

#include <signal.h>

#include <utility>

namespace docmill {

void Insistence::ask(const std::string& role, Time now) {
  children_.stop(role, SIGTERM);
  asked_ = role;
  asked_at_ = now;
  again_ = false;
}

bool Insistence::tick(Time now, Duration patience) {
  if (asked_.empty() || children_.gone(asked_) || now - asked_at_ < patience) return false;
  asked_at_ = now;
  const bool kills = std::exchange(again_, true);
  children_.stop(asked_, kills ? SIGKILL : SIGTERM);
  return kills;
}

}  // namespace docmill
