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
  // Waits for a job; nothing when the queue was closed. The caller says when it is done().
  std::optional<Job> take() {
    std::unique_lock lock(mutex_);
    some_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
    return next();
  }
  // Nothing when there is no job now.
  std::optional<Job> try_take() {
    const std::lock_guard lock(mutex_);
    return next();
  }
  void done() {
    const std::lock_guard lock(mutex_);
    --in_progress_;
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
  // Jobs that were taken and are not done.
  std::size_t in_progress() const {
    const std::lock_guard lock(mutex_);
    return in_progress_;
  }

 private:
  std::optional<Job> next() {
    if (jobs_.empty()) return std::nullopt;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    ++in_progress_;
    return job;
  }

  mutable std::mutex mutex_;
  std::condition_variable some_;
  std::deque<Job> jobs_;
  std::size_t in_progress_ = 0;
  bool closed_ = false;
};

}  // namespace docmill
