// Process: something that runs, is paused and killed, and is started again.
//
// What it planned dies with it; while it is paused, what it planned waits.
#pragma once

#include <functional>
#include <string>

#include "tests/simulation/world.h"

namespace docmill::simulation {

class Process {
 public:
  Process(World& world, std::string name) : world_(world), name_(std::move(name)) {}
  virtual ~Process() = default;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  const std::string& name() const { return name_; }
  bool running() const { return running_; }
  bool paused() const { return running_ && world_.now() < paused_until_; }
  // New with each start and each end.
  std::uint64_t life() const { return life_; }

  void start() {
    ++life_;
    running_ = true;
    paused_until_ = {};
    world_.trace("{} starts", name_);
    on_start();
  }
  // kill -9: whatever was only in memory is gone. It is started again after the outage.
  void kill(Duration outage) {
    if (!running_) return;
    world_.trace("{} is killed for {} ms", name_, outage / 1ms);
    ++world_.coverage.kills;
    end();
    on_kill();
    start_after(outage);
  }
  void pause(Duration duration) {
    world_.trace("{} is paused for {} ms", name_, duration / 1ms);
    ++world_.coverage.pauses;
    paused_until_ = world_.now() + duration;
  }

 protected:
  virtual void on_start() = 0;
  virtual void on_kill() = 0;

  void start_after(Duration delay) {
    world_.after(delay, [this, life = life_] {
      if (!running_ && life_ == life) start();
    });
  }
  // It ends by itself.
  void end() {
    ++life_;
    running_ = false;
  }
  void later(Duration delay, std::function<void()> work) {
    world_.after(delay, [this, life = life_, work = std::move(work)]() mutable {
      if (life_ != life) return;
      if (paused()) return later(paused_until_ - world_.now(), std::move(work));
      work();
    });
  }

  World& world_;

 private:
  std::string name_;
  bool running_ = false;
  std::uint64_t life_ = 0;
  Time paused_until_{};
};

}  // namespace docmill::simulation
