#include "shared/base/cpu_limit.h"

#include <pthread.h>

#include <utility>

#include "shared/base/check.h"

namespace docmill {
namespace {

Duration time_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

CpuLimit::CpuLimit(Duration limit, std::function<void()> stop)
    : limit_(limit), stop_(std::move(stop)), watcher_([this] { watch(); }) {}

CpuLimit::~CpuLimit() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_one();
  watcher_.join();
}

void CpuLimit::begin() {
  const std::lock_guard lock(mutex_);
  DOCMILL_CHECK(!working_, "a piece of work began before the last one ended");
  pthread_getcpuclockid(pthread_self(), &clock_);
  started_ = time_of(clock_);
  working_ = true;
  exceeded_ = false;
  if (idle_) changed_.notify_one();
}

bool CpuLimit::end() {
  const std::lock_guard lock(mutex_);
  working_ = false;
  return exceeded_;
}

// Woken for each piece of work it would cost more than the work. It sleeps for as long as the piece
// at hand may take, and then looks how long the one at hand by then has taken.
void CpuLimit::watch() {
  std::unique_lock lock(mutex_);
  while (!ended_) {
    if (!working_ || exceeded_) {
      idle_ = true;
      changed_.wait(lock, [this] { return ended_ || (working_ && !exceeded_); });
      idle_ = false;
    } else if (const Duration rest = left(); rest > Duration::zero()) {
      changed_.wait_for(lock, rest, [this] { return ended_; });
    } else {
      exceeded_ = true;
      stop_();
    }
  }
}

Duration CpuLimit::left() const { return limit_ - (time_of(clock_) - started_); }

}  // namespace docmill
