#include "cli/reload.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "cli/check.h"
#include "cli/refuse.h"
#include "shared/base/put_text.h"
#include "shared/runtime/exit_code.h"
#include "shared/runtime/telemetry.h"
#include "shared/store/file_descriptor.h"
#include "shared/transport/poller.h"

extern "C" {  // which this header forgets in glibc 2.36
#include <sys/pidfd.h>
}

namespace docmill {
namespace {

constexpr std::string_view kRoles[] = {"sink", "transformer", "producer"};
constexpr std::string_view kReloaded = "reloaded";
constexpr std::string_view kEnding = ".telemetry";
constexpr Duration kTick = std::chrono::milliseconds(20);
// A daemon says something every quarter of a second; what is silent for longer is not running.
constexpr Duration kAnswer = std::chrono::milliseconds(1500);
// What is in flight is finished before the file is taken over: ten seconds at most.
constexpr Duration kPatience = std::chrono::seconds(30);

struct Running {
  TelemetryReader reader;
  std::optional<Status> first;
  Status newest;
  FileDescriptor process{-1};  // a pidfd
  std::string outcome;         // empty: not known yet

  void read() {
    while (reader.next(newest)) {
      if (first) continue;
      first = newest;
      process = FileDescriptor(::pidfd_open(static_cast<pid_t>(first->process), 0));
    }
  }
  bool has_ended() const {
    pollfd end{process.number(), POLLIN, 0};
    return ::poll(&end, 1, 0) > 0;
  }
  std::uint64_t change(const char* gauge) { return newest.values[gauge] - first->values[gauge]; }
};

// Who has a socket there; a daemon that was killed leaves its own behind.
Result<std::vector<Running>> look(const Context& context, const std::filesystem::path& state) {
  std::vector<Running> found;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(state / "sockets", missing)) {
    const std::string file = entry.path().filename();
    if (!file.ends_with(kEnding)) continue;
    auto reader =
        TelemetryReader::open(context, state, file.substr(0, file.size() - kEnding.size()));
    if (!reader) return reader.error();
    found.push_back({.reader = std::move(*reader), .first = {}, .newest = {}, .outcome = {}});
  }
  return found;
}

// Until the condition holds for all, or the time is over.
template <typename Condition>
void wait_for(std::vector<Running>& daemons, Duration most, Condition condition) {
  const SystemClock clock;
  const Time end = clock.now() + most;
  Poller poller;
  do {
    for (Running& daemon : daemons) daemon.read();
    if (std::all_of(daemons.begin(), daemons.end(), condition)) return;
    poller.clear();
    poller.wait(kTick);
  } while (clock.now() < end);
}

bool comes_before(const Running& one, const Running& other) {
  const auto turn = [](const Running& daemon) {
    const auto* role = std::find(std::begin(kRoles), std::end(kRoles), daemon.first->role);
    return std::pair(role, std::string_view(daemon.first->name));
  };
  return turn(one) < turn(other);
}

void tell(Running& daemon) {
  if (::pidfd_send_signal(daemon.process.number(), SIGHUP, nullptr, 0) == 0) return;
  daemon.outcome =
      fmt::format("cannot be told: process {}: {}", daemon.first->process, std::strerror(errno));
}

bool has_answered(Running& daemon) {
  if (!daemon.outcome.empty()) return true;
  if (daemon.change("reloads") > 0) {
    daemon.outcome = kReloaded;
  } else if (daemon.change("refused_reloads") > 0) {
    daemon.outcome = "goes on as before; its log says why";
  } else if (daemon.has_ended()) {
    daemon.outcome = "has ended; its log says why";
  }
  return !daemon.outcome.empty();
}

// One by one, so that the others of its role go on meanwhile. A sink that keeps the former file
// ends it: what the others send by the new file could reach another daemon, or none.
void tell_all(std::vector<Running>& daemons) {
  const Running* refused = nullptr;
  for (Running& daemon : daemons) {
    if (refused != nullptr) {
      daemon.outcome =
          fmt::format("not told; {} must take the file over first", refused->first->name);
      continue;
    }
    tell(daemon);
    wait_for(daemons, kPatience,
             [&](Running& other) { return &other != &daemon || has_answered(other); });
    if (daemon.outcome.empty()) {
      daemon.outcome = fmt::format("has not answered within {}", to_string(kPatience));
    }
    if (daemon.first->role == kRoles[0] && daemon.outcome != kReloaded) refused = &daemon;
  }
}

}  // namespace

int reload_command(const std::string& file) {
  const auto config = load_checked(file, false);
  if (!config) return kExitConfig;
  const auto context = Context::open();
  if (!context) return refuse(context.error());
  auto daemons = look(*context, config->state);
  if (!daemons) return refuse(daemons.error());
  wait_for(*daemons, kAnswer, [](const Running& daemon) { return daemon.first.has_value(); });
  std::erase_if(*daemons, [](const Running& daemon) { return !daemon.first; });
  std::sort(daemons->begin(), daemons->end(), comes_before);
  if (daemons->empty()) {
    put_text(stderr, "{}: no daemon of this pipeline runs here, by {}; nothing was told\n", file,
             (config->state / "sockets").string());
    return kExitUnavailable;
  }
  tell_all(*daemons);
  bool all = true;
  for (const Running& daemon : *daemons) {
    put_text("{}: {}\n", daemon.first->name, daemon.outcome);
    all = all && daemon.outcome == kReloaded;
  }
  return all ? kExitOk : kExitUnavailable;
}

}  // namespace docmill
