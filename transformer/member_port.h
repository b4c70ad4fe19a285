// MemberPort: where a worker and the thread that speaks for it meet - one MemberCore behind a lock.
//
// The worker works for as long as a document takes; its presence must not wait for that. Any
// thread.
#pragma once

#include <functional>
#include <mutex>

#include "shared/protocol/member_core.h"
#include "shared/transport/wakeup.h"

namespace docmill {

class MemberPort {
 public:
  // news: woken when there is something to tell; outlives the port.
  MemberPort(MemberCore core, Wakeup& news) : core_(std::move(core)), news_(news) {}

  // Runs the function with the core, alone; wakes the speaker when that left news.
  template <typename Function>
  auto with(Function function) {
    const std::lock_guard lock(mutex_);
    struct Wake {
      MemberPort& port;
      ~Wake() {
        if (port.core_.has_news()) port.news_.wake();
      }
    } wake{*this};
    return function(core_);
  }

 private:
  std::mutex mutex_;
  MemberCore core_;
  Wakeup& news_;
};

}  // namespace docmill
