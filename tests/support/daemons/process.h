// Process: a daemon of a simulated pipeline on its host, and its lives: it is started, stepped when
// it has something to do, paused, asked to stop, killed, and started again.
//
// One thread. Owns nothing of the stage; those that derive from it do.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "shared/base/result.h"
#include "tests/support/daemons/network.h"
#include "tests/support/daemons/sink_host.h"
#include "tests/support/daemons/world.h"

namespace docmill::daemons {

struct ProcessCounts {
  std::uint64_t steps = 0;
  std::uint64_t lives = 0;
  std::uint64_t kills = 0;
  std::uint64_t crashes = 0;  // inside a call of the disk, or with an Error
  std::uint64_t pauses = 0;
  std::uint64_t power_cuts = 0;
  std::uint64_t full_disks = 0;
  std::uint64_t orderly_ends = 0;
};

class Process {
 public:
  Process(World& world, Network& network, std::string name, Duration shutdown_timeout, Bug bug)
      : world_(world),
        network_(network),
        bug_(bug),
        name_(std::move(name)),
        shutdown_timeout_(shutdown_timeout) {}
  virtual ~Process() = default;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void start();
  // kill -9, or the power of the host is cut. It is started again after that time.
  void kill(Duration away, bool power);
  void pause(Duration duration);
  // SIGTERM or SIGHUP; a second one ends it at once. It is started again.
  void signal(bool reload);
  // The disk of its host has hardly any room, for that time.
  void fill_disk(Duration duration);
  // The disk of its host has room again.
  void free_disk();
  // Its host gets older files back, while the process is down.
  void restore(const test::DiskModel::Backup& backup);
  // SIGTERM for good.
  void retire();
  // Ends it without anything that follows from it.
  void abandon();

  const std::string& name() const { return name_; }
  bool running() const { return life_ != nullptr; }
  // When it was, for the last time.
  Time started() const { return started_; }
  // It has ended for good.
  bool done() const { return done_; }
  const ProcessCounts& counts() const { return counts_; }
  // For the text of a failure.
  virtual std::string standing() const = 0;

 protected:
  virtual Result<void> open() = 0;
  virtual Result<bool> step() = 0;
  virtual Duration idle() const = 0;
  virtual bool listens() const = 0;
  // The stage is destroyed. Nothing that it does from now on reaches a disk.
  virtual void drop() = 0;
  // The process died inside a call.
  virtual bool has_died() const = 0;
  // It ends with that Error; is that right?
  virtual bool may_end_with(const Error& error) const = 0;
  // It waits for room on a disk that has none right now, and may do so until there is.
  virtual bool waits_for_room() const { return false; }
  // It ended by itself, as it should.
  virtual bool has_finished() const { return false; }
  // It ended with an Error, and to start it again is of no use.
  virtual bool gives_up() const { return false; }
  // What the host's disk has not synced may be gone.
  virtual bool needs_power_cut() const { return false; }
  virtual void cut_power() {}
  // Of its host; null: it keeps nothing.
  virtual test::DiskModel* files() { return nullptr; }
  virtual HostClock& clock() = 0;
  // No more faults.
  virtual void on_calm() {}
  // It runs again after a pause of that length.
  virtual void on_continue(Duration) {}

  // For links.
  const LifePointer& life() const { return life_; }
  Request& request() { return request_; }
  void plan(Time when);
  // The disk of its host was full during this life.
  bool was_full() const { return full_until_ >= started_; }
  // Ends this life without a word.
  void die(Duration away, bool power);

  World& world_;
  Network& network_;
  const Bug bug_;

 private:
  void turn();
  void leave();
  void gone();
  void check_deadline();
  bool may_wait_for_room() const;
  void look_at_deadline(const LifePointer& asked);
  void start_again(Duration away);

  std::string name_;
  Duration shutdown_timeout_;
  LifePointer life_;
  LifePointer leaving_;  // what it has to send still goes
  Request request_;
  std::optional<Time> planned_;
  std::uint64_t plan_ = 0;
  Time deadline_{};  // of the stop that was asked for, later where it was paused
  Time started_{};
  Time full_until_{};
  bool retired_ = false;
  bool done_ = false;
  ProcessCounts counts_;
};

}  // namespace docmill::daemons
