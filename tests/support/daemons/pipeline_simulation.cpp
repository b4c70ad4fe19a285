#include "tests/support/daemons/pipeline_simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "tests/support/daemons/fixed_random.h"
#include "tests/support/daemons/pipeline_audit.h"
#include "tests/support/daemons/pipeline_faults.h"
#include "tests/support/daemons/pipeline_settings.h"

namespace docmill::daemons {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint64_t kMostEvents = 6'000'000;
constexpr Duration kMostTime = minutes(30);  // after the last fault
// All processes start within 300 ms, and members join within 3 s.
constexpr Duration kJoined = milliseconds(3300);
constexpr Duration kAftermath = seconds(1);

class PipelineSimulation {
 public:
  PipelineSimulation(std::uint64_t seed, Bug bug, bool trace,
                     const std::optional<PipelineSettings>& settings = {});
  ~PipelineSimulation() {
    for (Process* process : pipeline_.all()) process->abandon();
  }
  PipelineSimulation(const PipelineSimulation&) = delete;
  PipelineSimulation& operator=(const PipelineSimulation&) = delete;

  PipelineOutcome run();

 private:
  void run_until_read();
  void end_in_order();
  bool has_drained() const;
  void check();
  void check_joined();
  void stop_waiting(const std::string& what);
  bool is_over(const std::function<bool(const Process&)>& state) const;
  PipelineOutcome outcome() const;

  World world_;
  Network network_;
  PipelineSettings settings_;
  std::vector<Input> inputs_;
  Pipeline pipeline_;
  Time calm_at_{};
};

PipelineSimulation::PipelineSimulation(std::uint64_t seed, Bug bug, bool trace,
                                       const std::optional<PipelineSettings>& settings)
    : world_(seed, trace),
      network_(world_),
      settings_(settings ? *settings : PipelineSettings::draw(world_.dice)) {
  pipeline_.bug = bug;
  world_.wild = settings_.wild;
  world_.calm = settings_.faultless;
  inputs_.reserve(settings_.inputs.size());
  for (InputSettings& input : settings_.inputs) {
    input.uncounted = bug == Bug::kMetadataNotCounted;
    inputs_.push_back(Input::make(input, world_.dice, world_.now()));
    pipeline_.producers.push_back(
        std::make_unique<ProducerProcess>(world_, network_, settings_.config, inputs_.back(), bug));
  }
  for (const auto& [name, peer] : settings_.config.network.sinks) {
    pipeline_.add_sink(world_, network_, settings_, name);
  }
  for (std::size_t i = 1; i <= settings_.members; ++i) {
    pipeline_.members.push_back(std::make_unique<MemberProcess>(
        world_, network_, settings_.config, fmt::format("t{}", i), settings_.work, pipeline_, bug));
  }
  for (Process* process : pipeline_.all()) {
    world_.after(world_.dice.time(Duration{0}, milliseconds(300)), [process] { process->start(); });
  }
  if (settings_.faultless) world_.after(kJoined, [this] { check_joined(); });
}

void PipelineSimulation::check_joined() {
  for (const auto& producer : pipeline_.producers) {
    const auto members = producer->members();
    if (!members || *members == settings_.members) continue;
    world_.fail(fmt::format("{} knows {} of {} members after 3 s", producer->name(), *members,
                            settings_.members));
  }
}

bool PipelineSimulation::is_over(const std::function<bool(const Process&)>& state) const {
  for (const Process* process : pipeline_.all()) {
    if (!state(*process)) return false;
  }
  return true;
}

void PipelineSimulation::stop_waiting(const std::string& what) {
  std::string standing;
  for (std::size_t i = 0; i < pipeline_.all().size() && i < 12; ++i) {
    standing += "\n  " + pipeline_.all()[i]->standing();
  }
  world_.fail(what + standing);
}

void PipelineSimulation::run_until_read() {
  const auto has_read = [this] {
    for (const auto& producer : pipeline_.producers) {
      if (!producer->done()) return false;
    }
    return true;
  };
  while (!world_.failure() && !has_read()) {
    if (world_.events() > kMostEvents) return stop_waiting("too many events");
    if (world_.now() > calm_at_ + kMostTime) return stop_waiting("it does not end");
    if (!world_.step()) return stop_waiting("nothing happens any more");
  }
}

void PipelineSimulation::end_in_order() {
  const Time aftermath = world_.now() + kAftermath;
  bool calm = false;
  bool asked = false;
  while (!world_.failure()) {
    if (!calm && world_.now() >= aftermath) {
      calm = world_.calm = true;
      for (Process* process : pipeline_.all()) process->free_disk();
      for (const auto& sink : pipeline_.sinks) {
        sink->host().server.fails = sink->host().spill_server.fails = false;
      }
      for (const auto& member : pipeline_.members) member->retire();
    }
    // A sink that ends leaves what waits in a spool to its next start.
    if (calm && !asked && has_drained()) {
      asked = true;
      for (const auto& sink : pipeline_.sinks) sink->retire();
    }
    if (is_over([](const Process& process) { return process.done(); })) return;
    if (world_.now() > aftermath + kMostTime) return stop_waiting("it does not stop");
    if (!world_.step()) return stop_waiting("nothing happens any more, and not all has ended");
  }
}

bool PipelineSimulation::has_drained() const {
  return std::all_of(pipeline_.sinks.begin(), pipeline_.sinks.end(),
                     [](const auto& sink) { return sink->has_drained(); });
}

void PipelineSimulation::check() {
  if (auto wrong = PipelineAudit(settings_.outputs).check(pipeline_.producers, pipeline_.sinks)) {
    return world_.fail(*wrong);
  }
  if (!settings_.faultless) return;
  for (const auto& producer : pipeline_.producers) {
    if (producer->deaths() == 0) continue;
    world_.fail(fmt::format("{} has declared {} members dead that live", producer->name(),
                            producer->deaths()));
  }
}

PipelineOutcome PipelineSimulation::outcome() const {
  PipelineOutcome outcome;
  outcome.failure = world_.failure();
  outcome.events = world_.events();
  for (const Input& input : inputs_) outcome.documents += input.documents.size();
  for (const auto& member : pipeline_.members) outcome.poisoned += member->poisoned();
  for (const Process* process : pipeline_.all()) {
    const ProcessCounts& counts = process->counts();
    outcome.counts.steps += counts.steps;
    outcome.counts.lives += counts.lives;
    outcome.counts.kills += counts.kills;
    outcome.counts.crashes += counts.crashes;
    outcome.counts.pauses += counts.pauses;
    outcome.counts.power_cuts += counts.power_cuts;
    outcome.counts.full_disks += counts.full_disks;
    outcome.counts.orderly_ends += counts.orderly_ends;
  }
  return outcome;
}

PipelineOutcome PipelineSimulation::run() {
  PipelineFaults faults(world_, network_, settings_, pipeline_);
  calm_at_ = world_.now() + settings_.time;
  faults.plan();
  run_until_read();
  end_in_order();
  if (!world_.failure()) check();
  return outcome();
}

}  // namespace

PipelineOutcome simulate_pipeline(const PipelineSettings& settings, Bug bug) {
  const FixedRandom random(1);
  return PipelineSimulation(1, bug, false, settings).run();
}

PipelineOutcome simulate_pipeline(std::uint64_t seed, Bug bug, bool trace) {
  const FixedRandom random(seed);
  PipelineOutcome outcome = PipelineSimulation(seed, bug, trace).run();
  if (outcome.failure) {
    outcome.failure = fmt::format(
        "seed {}: {}\n  its story: DOCMILL_SEED={} test_daemons \"one seed of the pipelines is "
        "told "
        "as a story\"",
        seed, *outcome.failure, seed);
  }
  return outcome;
}

}  // namespace docmill::daemons
