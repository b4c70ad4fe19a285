// WorkerEvents: what the threads of a transformer tell the one that owns its sockets. Any thread.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shared/protocol/header.h"
#include "shared/protocol/records.h"
#include "shared/transport/frame.h"

namespace docmill {

// A message to a sink.
struct SinkMessage {
  std::string sink;
  Frame header;
  Frame payload;
  std::size_t bytes = 0;
};

struct WorkerEvent {
  enum class Kind {
    kStarted,  // a thread works on the batch
    kMade,     // some of its outputs; more follow
    kPassed,   // the rest of its outputs
    kReturned  // the batch is handed back; what was made of it before is valid
  };
  Kind kind = Kind::kStarted;
  BatchHeader header;
  std::vector<SinkMessage> messages;
  ReturnReason reason = ReturnReason::kSinkUnavailable;
  std::string error;  // why it is handed back, for the log
};

class WorkerEvents {
 public:
  // wake: called after each event, by the thread that put it.
  explicit WorkerEvents(std::function<void()> wake) : wake_(std::move(wake)) {}

  void put(WorkerEvent event) {
    {
      const std::lock_guard lock(mutex_);
      events_.push_back(std::move(event));
    }
    wake_();
  }
  // In the order in which they were put.
  std::vector<WorkerEvent> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(events_, {});
  }

 private:
  std::function<void()> wake_;
  std::mutex mutex_;
  std::vector<WorkerEvent> events_;
};

}  // namespace docmill
