// DaemonProcess: the process of a running daemon, found by its telemetry socket.
//
// The kernel says which process listens there. Numbers in telemetry and in lock files are not used:
// they may come from another PID namespace, and there belong to some other process. A
// resource; one thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "shared/base/result.h"
#include "shared/store/file_descriptor.h"

namespace docmill {

class DaemonProcess {
 public:
  // Nothing when no process listens at the socket: the daemon does not run, or is still starting.
  static std::optional<DaemonProcess> find(const std::filesystem::path& state,
                                           const std::string& name);

  // Why it cannot be sent a signal from here, and what to do instead; empty when it can.
  const std::string& problem() const { return problem_; }
  // Sends SIGHUP. The error is about this process alone and does not name the daemon.
  Result<void> reload() const;
  // False when that is unknown.
  bool has_ended() const;
  // Whether it binds its addresses where this process would. False when that is unknown.
  bool shares_network() const;

 private:
  DaemonProcess(FileDescriptor process, std::int64_t number, std::string problem)
      : process_(std::move(process)), number_(number), problem_(std::move(problem)) {}

  FileDescriptor process_;  // a pidfd; none when there is a problem
  std::int64_t number_;
  std::string problem_;
};

}  // namespace docmill
