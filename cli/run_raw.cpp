#include "cli/run_raw.h"

#include <fmt/format.h>
#include <signal.h>

#include <cstdio>

#include "cli/insistence.h"
#include "cli/progress.h"
#include "cli/refuse.h"
#include "shared/base/put_text.h"
#include "shared/base/running_time.h"
#include "shared/store/folder.h"
#include "shared/store/system_disk.h"
#include "shared/transport/poller.h"

namespace docmill {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(20);
constexpr Duration kLine = std::chrono::seconds(10);
const std::string kRole = "transformer";

void say(const std::string& line) { put_text(stderr, "{}\n", line); }

// What the transformers say of themselves, added up.
struct Sums {
  std::uint64_t documents = 0;
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;
};

class RawRun {
 public:
  RawRun(const PipelineConfig& config, const RunOptions& options, Signals& stop)
      : config_(config), options_(options), stop_(stop), children_(say) {}

  Result<int> run() {
    auto context = Context::open();
    if (!context) return context.error();
    if (auto started = start(*context); !started) return started.error();
    const Time began = running_.at(clock_.now());
    Time line = began + kLine;
    Poller poller;
    while (!children_.gone(kRole)) {
      poller.clear();
      poller.readable(stop_.fd());
      children_.watch(poller);
      poller.wait(kTick);
      const Time now = running_.at(clock_.now());
      children_.tick(now);
      read();
      stop_children(now);
      if (now < line) continue;
      line += kLine;
      say(fmt::format("{}: {}", elapsed_text(now - began), text()));
    }
    say(text());
    telemetry_.clear();
    if (!children_.failure()) return kExitOk;
    say(children_.failure()->text() + "; everything is stopped");
    return children_.failure()->code;
  }

 private:
  Result<void> start(const Context& context) {
    say(fmt::format("{}: {} transformer{} between raw links, at most once; logs in {}",
                    config_.pipeline, options_.transformers, options_.transformers == 1 ? "" : "s",
                    (config_.state / "logs").string()));
    SystemDisk disk;
    for (const char* folder : {"logs", "sockets"}) {
      if (auto made = make_folder_unsynced(disk, config_.state / folder, 0700); !made) return made;
    }
    std::error_code unknown;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", unknown);
    for (std::size_t number = 1; number <= options_.transformers; ++number) {
      const std::string name = fmt::format("t{}", number);
      auto reader = TelemetryReader::open(context, config_.state, name);
      if (!reader) return reader.error();
      telemetry_.push_back({std::move(*reader), {}});
      children_.start({kRole,
                       name,
                       {self.parent_path() / "docmill-transformer", options_.file, "--name", name},
                       config_.state / "logs" / (name + ".log")},
                      clock_.now());
    }
    return {};
  }

  void stop_children(Time now) {
    const int stops = stop_.stops() + (children_.failure() ? 1 : 0);
    if (stops > 0 && insistence_.asked().empty()) insistence_.ask(kRole, now);
    if (stops > 1) children_.stop(kRole, SIGKILL);
    if (insistence_.tick(now, config_.shutdown_timeout + kBeyondTimeout)) {
      say("a transformer does not end and is killed");
    }
  }

  void read() {
    for (auto& [reader, newest] : telemetry_) {
      for (int i = 0; i < kMaxStatusesPerTurn && reader.next(newest); ++i) continue;
    }
  }

  std::string text() {
    Sums sums;
    for (auto& [reader, newest] : telemetry_) {
      sums.documents += newest.values["documents"];
      sums.sent += newest.values["sent"];
      sums.lost += newest.values["dead"] + newest.values["dropped"] + newest.values["unreadable"] +
                   newest.values["missed"];
    }
    return fmt::format("{} documents received, {} sent, {} lost", human_count(sums.documents),
                       human_count(sums.sent), human_count(sums.lost));
  }

  struct Told {
    TelemetryReader reader;
    Status newest;
  };

  const PipelineConfig& config_;
  const RunOptions& options_;
  Signals& stop_;
  SystemClock clock_;
  RunningTime running_;  // transformers are given time in which this process can see them
  Children children_;
  Insistence insistence_{children_};
  std::vector<Told> telemetry_;
};

}  // namespace

int run_raw(const PipelineConfig& config, const RunOptions& options, Signals& stop) {
  auto code = RawRun(config, options, stop).run();
  return code ? *code : refuse(code.error());
}

}  // namespace docmill
