// JobQueue: the batches that wait for a thread of a transformer. Any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "shared/protocol/header.h"
#include "shared/transport/frame.h"

namespace docmill {

struct Job {
  BatchHeader header;
  Frame payload;
};

class JobQueue {
 public:
  void put(Job job) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    some_.notify_one();
  }
  // Waits for a job; nothing when the queue was closed.
  std::optional<Job> take() {
    std::unique_lock lock(mutex_);
    some_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
    if (closed_) return std::nullopt;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    return job;
  }
  // No thread gets anything more. Returns what none has taken.
  std::deque<Job> close() {
    std::deque<Job> left;
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      left.swap(jobs_);
    }
    some_.notify_all();
    return left;
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return jobs_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable some_;
  std::deque<Job> jobs_;
  bool closed_ = false;
};

}  // namespace docmill
