// Children: the daemons that `docmill run` has started, and what becomes of each.
//
// A daemon that was killed, that found something in use, or whose document took too long, is
// started again, later each time; one that ended by itself with another code stays away for good.
// So does one that finds its address in use several times in a row.
// Each is in a process group of its own, so that Ctrl-C in a terminal reaches only docmill, and is
// told to stop when docmill dies. A resource; one thread; at its end every child that is left is
// killed.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/log_tail.h"
#include "shared/base/clock.h"
#include "shared/base/units.h"
#include "shared/store/file_descriptor.h"
#include "shared/transport/poller.h"

namespace docmill {

struct ChildSpec {
  std::string role;  // "producer", "transformer", "sink"
  std::string name;
  std::vector<std::string> command;  // the program, then its arguments
  std::filesystem::path log;         // appended to
  bool reads_stdin = false;          // it has docmill's own, also when it is started again
  int output = -1;                   // its standard output, where that is not the log
};

class Children {
 public:
  // say: takes what happens, and the warnings and errors of the daemons, line by line.
  explicit Children(std::function<void(const std::string&)> say) : say_(std::move(say)) {}
  ~Children();
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;

  void start(ChildSpec spec, Time now);
  // The poller wakes when one of them ends.
  void watch(Poller& poller) const;
  // Sees who has ended, starts again who is due, shows what they log.
  void tick(Time now);

  // Sends the signal to those of the role, which are then expected to end.
  void stop(const std::string& role, int signal);
  // Ends them all at once; nothing of theirs is left running.
  void kill_all();
  // None of the role runs, or will run again.
  bool gone(const std::string& role) const;

  // The first one that ended by itself, with a code that starting it again would not cure.
  struct Failure {
    std::string role;
    std::string name;
    int code = 0;
    std::string reason = {};  // its last error, where starting it again was tried in vain

    // "sink s1 could not go on and ended with code 74".
    std::string text() const;
  };
  const std::optional<Failure>& failure() const { return failure_; }
  // Producers that have finished, and could not read all of their input.
  const std::vector<std::string>& incomplete() const { return incomplete_; }
  // Producers that somebody else has stopped before all of their input was settled.
  const std::vector<std::string>& interrupted() const { return interrupted_; }

 private:
  struct Child {
    ChildSpec spec;
    LogTail log;
    int pid = 0;             // 0: it does not run
    FileDescriptor end{-1};  // readable when it has ended
    bool told = false;
    bool gone = false;
    Time started{};
    Time due{};              // when it does not run: when it is started again
    Duration backoff{};      // before the next start
    std::string fate;        // "was killed by signal 9"
    std::string error = {};  // the last line for people in its log
    int in_use = 0;          // how often in a row it found its address in use
    Time in_use_since{};
  };

  void spawn(Child& child, Time now);
  void ended(Child& child, int status, Time now);
  bool is_last(const Child& child) const;
  // After its end. True when its address will not become free.
  static bool finds_address_in_use(Child& child, int code, Time now);

  std::function<void(const std::string&)> say_;
  std::vector<Child> children_;
  std::optional<Failure> failure_;
  std::vector<std::string> incomplete_;
  std::vector<std::string> interrupted_;
};

}  // namespace docmill
