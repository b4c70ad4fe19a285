#include "cli/daemon_process.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>

#include <cerrno>
#include <utility>

#include "shared/config/pipeline.h"
#include "shared/transport/endpoint.h"
#include "shared/transport/socket_owner.h"

extern "C" {  // which this header forgets in glibc 2.36
#include <sys/pidfd.h>
}

namespace docmill {

std::optional<DaemonProcess> DaemonProcess::find(const std::filesystem::path& state,
                                                 const std::string& name) {
  const auto socket = parse_endpoint(local_address(state, name, "telemetry"));
  if (!socket) return std::nullopt;
  const SocketOwner owner = SocketOwner::find(socket->path);
  if (owner.problem == ENOENT || owner.problem == ECONNREFUSED) return std::nullopt;
  const auto unreachable = [](std::string problem) {
    return DaemonProcess(FileDescriptor(-1), 0, std::move(problem));
  };
  if (owner.problem != 0) {
    return unreachable(fmt::format("cannot be told: {}: {}; send SIGHUP to its process",
                                   socket->path, error_text(owner.problem)));
  }
  if (owner.process == 0) {
    return unreachable(
        "runs in another PID namespace; reload it there: send SIGHUP to its process");
  }
  FileDescriptor process(::pidfd_open(static_cast<pid_t>(owner.process), 0));
  if (process.open()) return DaemonProcess(std::move(process), owner.process, {});
  if (errno == ESRCH) return std::nullopt;
  return unreachable(
      fmt::format("cannot be told: process {}: {}", owner.process, error_text(errno)));
}

Result<void> DaemonProcess::reload() const {
  if (!problem_.empty()) return unavailable(problem_);
  if (::pidfd_send_signal(process_.number(), SIGHUP, nullptr, 0) == 0) return {};
  return unavailable(fmt::format("cannot be told: process {}: {}", number_, error_text(errno)));
}

bool DaemonProcess::has_ended() const {
  pollfd end{process_.number(), POLLIN, 0};
  return process_.open() && ::poll(&end, 1, 0) > 0;
}

bool DaemonProcess::shares_network() const {
  if (!process_.open()) return false;
  std::error_code unknown;
  const auto ours = std::filesystem::read_symlink("/proc/self/ns/net", unknown);
  const auto its = std::filesystem::read_symlink(fmt::format("/proc/{}/ns/net", number_), unknown);
  return !unknown && ours == its;
}

}  // namespace docmill
