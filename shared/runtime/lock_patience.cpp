#include "shared/runtime/lock_patience.h"

#include <chrono>

#include "shared/transport/poller.h"

namespace docmill {
namespace {

constexpr Duration kPatience = std::chrono::seconds(5);
constexpr Duration kLook = std::chrono::milliseconds(20);

}  // namespace

bool LockPatience::operator()() {
  const Time now = clock_.now();
  if (!until_) until_ = now + kPatience;
  if (now >= *until_ || (signals_ != nullptr && signals_->stops() > 0)) return false;
  Poller poller;
  if (signals_ != nullptr) poller.readable(signals_->fd());
  poller.wait(kLook);
  return true;
}

}  // namespace docmill
