#include "cli/supervision.h"

#include <fmt/format.h>
#include <signal.h>

#include <set>
#include <utility>

#include "shared/store/folder.h"
#include "shared/store/system_disk.h"
#include "shared/transport/poller.h"

namespace docmill {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(20);
constexpr Duration kPatience = std::chrono::seconds(1);

std::string plural(std::size_t count, const std::string& what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace

Supervision::Supervision(const PipelineConfig& config, const RunOptions& options,
                         std::uint64_t resumed, Progress& progress, Signals& stop)
    : config_(config),
      options_(options),
      resumed_(resumed),
      progress_(progress),
      stop_(stop),
      children_([this](const std::string& line) { progress_.say(line); }) {}

Result<RunEnd> Supervision::run() {
  auto context = Context::open();
  if (!context) return context.error();
  context_ = &*context;
  if (auto started = start(); !started) return started.error();
  Poller poller;
  for (bool over = false; !over;) {
    poller.clear();
    poller.readable(stop_.fd());
    children_.watch(poller);
    poller.wait(kTick);
    const Time now = running_.at(clock_.now());
    children_.tick(now);
    observe(now);
    over = advance(now);
  }
  observe(running_.at(clock_.now()));
  telemetry_.clear();
  progress_.close();
  end_.incomplete = children_.incomplete();
  end_.interrupted = children_.interrupted();
  if (!end_.interrupted.empty()) end_.stopped = true;
  return end_;
}

Result<void> Supervision::start() {
  progress_.say(fmt::format("{}: {}, {}, {}; logs in {}", config_.pipeline,
                            plural(config_.network.producers.size(), "producer"),
                            plural(options_.transformers, "transformer"),
                            plural(config_.network.sinks.size(), "sink"),
                            (config_.state / "logs").string()));
  SystemDisk disk;
  for (const char* folder : {"logs", "sockets"}) {
    if (auto made = make_folder_unsynced(disk, config_.state / folder, 0700); !made) return made;
  }
  for (const auto& [name, peer] : config_.network.producers) {
    if (auto read = read_telemetry(name); !read) return read;
  }
  for (const auto& [name, peer] : config_.network.sinks) {
    if (!options_.spills) break;
    if (auto read = read_telemetry(name); !read) return read;
  }
  // Sinks and producers wait for the disk when they start, transformers only for the processor.
  for (const auto& [name, peer] : config_.network.sinks) start_child("sink", name);
  for (const auto& [name, peer] : config_.network.producers) start_child("producer", name);
  for (std::size_t number = 1; number <= options_.transformers; ++number) {
    start_child("transformer", fmt::format("t{}", number));
  }
  return {};
}

Result<void> Supervision::read_telemetry(const std::string& name) {
  auto reader = TelemetryReader::open(*context_, config_.state, name);
  if (!reader) return reader.error();
  telemetry_.push_back(std::move(*reader));
  return {};
}

void Supervision::start_child(const std::string& role, const std::string& name) {
  std::error_code unknown;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", unknown);
  ChildSpec spec{role,
                 name,
                 {self.parent_path() / ("docmill-" + role), options_.file, "--name", name},
                 config_.state / "logs" / (name + ".log")};
  const auto add_count = [&spec](const char* option, std::size_t count) {
    if (count == 0) return;
    spec.command.push_back(option);
    spec.command.push_back(std::to_string(count));
  };
  add_count("--producers", options_.counts.producers);
  add_count("--sinks", options_.counts.sinks);
  if (role == "producer") {
    spec.reads_stdin = config_.producer.source.key == "stdin";
    spec.command.push_back("--must-finish");
  }
  if (role == "sink") spec.output = options_.documents;
  children_.start(std::move(spec), clock_.now());
}

void Supervision::observe(Time now) {
  Status status;
  for (TelemetryReader& reader : telemetry_) {
    for (int i = 0; i < kMaxStatusesPerTurn && reader.next(status); ++i) {
      progress_.take(status, now);
      if (drain_) drain_->take(status, now);
    }
  }
  // Not before something new was read: an earlier run may have settled everything.
  if (resumed_ > 0 && !said_resumed_ && progress_.figures().read > resumed_) {
    said_resumed_ = true;
    progress_.say(fmt::format("going on where the last run stopped: {} documents are settled",
                              human_count(resumed_)));
  }
  progress_.tick(now);
}

// How long daemons may take after a signal. Behind producers that are gone, and when one daemon
// could not go on, there is nothing to wait for.
Duration Supervision::patience() const {
  const std::string& asked = insistence_.asked();
  const bool in_vain = asked == "producer" && end_.failure && !insistence_.asked_again();
  if (asked == "transformer" || in_vain) return kPatience;
  return config_.shutdown_timeout + kBeyondTimeout;
}

void Supervision::insist(Time now) {
  if (!insistence_.tick(now, patience())) return;
  progress_.say(fmt::format("a {} does not end and is killed", insistence_.asked()));
}

bool Supervision::drained(Time now, bool stopping) {
  if (!options_.spills || end_.stopped || end_.failure) return true;
  if (!drain_) {
    std::set<std::string> sinks;
    for (const auto& [name, peer] : config_.network.sinks) sinks.insert(name);
    drain_.emplace(sinks, options_.patience, now);
  }
  const Drain::State state = drain_->state(now);
  if (state == Drain::State::kWaiting && drain_->waiting() > 0 &&
      !std::exchange(said_waiting_, true)) {
    progress_.say(fmt::format(
        "everything is read; {} documents wait in spools and are sent as their receivers take them",
        human_count(drain_->waiting())));
  }
  if (state == Drain::State::kGivenUp) {
    progress_.say(fmt::format("no receiver took a document for {}; what waits stays in the spools",
                              to_string(options_.patience)));
  }
  if (stopping) end_.stopped = true;
  return stopping || state == Drain::State::kEmpty || state == Drain::State::kGivenUp;
}

bool Supervision::advance(Time now) {
  const int stops = stop_.stops();
  if (stops > 1) {
    end_.stopped = true;
    progress_.say("every daemon is killed");
    children_.kill_all();
    return true;
  }
  const bool new_failure = children_.failure() && !end_.failure;
  end_.failure = children_.failure();
  const std::string& asked = insistence_.asked();
  if (asked.empty() && (stops > 0 || new_failure)) {
    end_.stopped = true;
    if (stops > 0) progress_.say("stopping; what is in flight is finished first (again: at once)");
    insistence_.ask("producer", now);
  }
  if ((asked.empty() || asked == "producer") && children_.gone("producer")) {
    insistence_.ask("transformer", now);
  }
  if (asked == "transformer" && children_.gone("transformer") && drained(now, stops > 0)) {
    insistence_.ask("sink", now);
  }
  if (asked == "sink" && children_.gone("sink")) return true;
  insist(now);
  return false;
}

}  // namespace docmill
