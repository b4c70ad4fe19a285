#include "tests/support/daemons/sink_simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "tests/support/daemons/sink_audit.h"

namespace docmill::daemons {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kMostSteps = 60'000;
constexpr int kLivesWithFaults = 5;
constexpr Duration kShutdown = seconds(5);
// A retry may begin shortly before the deadline.
constexpr Duration kShutdownMargin = seconds(3);

class SinkSimulation {
 public:
  SinkSimulation(std::uint64_t seed, Bug bug)
      : host_(seed), feeder_(draw(host_, bug), host_.dice, host_.clock) {}

  SinkOutcome run() {
    const auto made = make_table(host_);
    if (!made) fail(made.error().text);
    for (int i = 0; i < kLivesWithFaults && !failed() && !feeder_.done(); ++i) live(true);
    feeder_.calm();
    host_.server.fails = false;
    while (!failed() && !feeder_.done()) live(false);
    if (!failed()) end_in_order();
    if (!failed()) {
      if (auto wrong = SinkAudit(host_, feeder_).check()) fail(*wrong);
    }
    outcome_.documents = feeder_.documents().size();
    return outcome_;
  }

 private:
  static FeederSettings draw(SinkHost& host, Bug bug);

  void fail(const std::string& text) {
    if (!failed()) outcome_.failure = text;
  }
  bool failed() const { return outcome_.failure.has_value(); }

  void live(bool faults);
  void end_in_order();
  bool turn(SinkLife& life, bool faults);
  void signal(SinkLife& life);
  void check_error(const SinkLife& life, const Error& error);
  void advance(const SinkLife& life);

  SinkHost host_;
  Feeder feeder_;
  SinkOutcome outcome_;
};

FeederSettings SinkSimulation::draw(SinkHost& host, Bug bug) {
  simulation::Dice& dice = host.dice;
  host.bug = bug;
  FeederSettings settings;
  settings.wild = dice.chance(50);
  settings.producers = static_cast<std::uint32_t>(dice.between(1, 3));
  settings.batches = static_cast<std::uint32_t>(dice.between(2, 30));
  settings.window = static_cast<std::uint32_t>(dice.between(1, 24));
  settings.documents = static_cast<std::uint32_t>(dice.between(1, 12));
  if (dice.chance(3)) {  // one that is as large as batches get
    settings.producers = 1;
    settings.batches = 2;
    settings.documents = 3000;
    settings.padding = 0;
  }
  settings.alternates = dice.chance(15);
  settings.routes =
      dice.chance(40) ? std::vector<std::string>{"a", "b"} : std::vector<std::string>();
  host.settings.outputs = draw_outputs(dice, settings.routes);
  if (dice.chance(40)) {
    settings.in_order = true;
    host.settings.order = WriteOrder::kSource;
  }
  host.settings.early = {static_cast<std::uint32_t>(dice.between(1, 24)),
                         Bytes{dice.between(500, 9000)}};
  return settings;
}

void SinkSimulation::live(bool faults) {
  ++outcome_.lives;
  feeder_.set_deaf(false);
  SinkLife life(host_, feeder_, feeder_, faults);
  if (auto opened = life.open(); !opened) {
    check_error(life, opened.error());
  } else {
    while (!failed() && !feeder_.done() && turn(life, faults)) {
    }
  }
  const bool cut = life.weather().failed_a_sync() || host_.dice.chance(40);
  life.kill();
  feeder_.set_deaf(true);
  feeder_.on_death();
  if (cut) {
    ++outcome_.power_cuts;
    host_.files.cut_power(host_.dice);
  }
  host_.clock.time += host_.dice.time(milliseconds(20), seconds(3));
}

// One step of the sink. False: this life has ended.
bool SinkSimulation::turn(SinkLife& life, bool faults) {
  if (++outcome_.steps > kMostSteps) {
    fail(fmt::format("after {} steps it has not ended; {} batches were sent", outcome_.steps,
                     feeder_.sends()));
    return false;
  }
  if (faults) {
    if (host_.dice.chance(1)) host_.server.fails = !host_.server.fails;
    if (host_.dice.below(300) == 0) return false;  // kill -9
    if (host_.dice.below(150) == 0) signal(life);
  }
  feeder_.turn();
  const auto goes_on = life.step();
  if (life.dead()) return false;
  if (!goes_on) {
    check_error(life, goes_on.error());
    return false;
  }
  if (!feeder_.failure().empty()) fail(feeder_.failure());
  const Request& request = life.request();
  if (!*goes_on) {
    ++outcome_.orderly_ends;
    if (request.asked == 0) fail("the sink ends though nothing has asked it to");
    return false;
  }
  if (request.until && host_.clock.time > *request.until + kShutdownMargin) {
    fail(fmt::format("asked to stop, the sink still runs {} ms after its deadline",
                     (host_.clock.time - *request.until) / milliseconds(1)));
  }
  advance(life);
  return true;
}

void SinkSimulation::signal(SinkLife& life) {
  Request& request = life.request();
  ++request.asked;
  if (request.asked > 1) return;
  request.reload = host_.dice.chance(50);
  request.until = host_.clock.time + kShutdown;
}

// A full disk and a slow server are no reason to end.
void SinkSimulation::check_error(const SinkLife& life, const Error& error) {
  if (life.dead() || life.weather().has_broken()) return;
  if (life.weather().has_hurt() && error.code == ErrorCode::kUnavailable) return;
  fail("the sink ends with: " + error.text);
}

void SinkSimulation::advance(const SinkLife& life) {
  const Time now = host_.clock.time;
  Time next = now + life.sink().idle();
  if (life.sink().listens()) next = std::min(next, feeder_.next());
  host_.clock.time = std::max(next, now + std::chrono::microseconds(10));
}

void SinkSimulation::end_in_order() {
  feeder_.set_deaf(false);
  SinkLife life(host_, feeder_, feeder_, false);
  if (auto opened = life.open(); !opened) return fail(opened.error().text);
  life.request().asked = 1;
  life.request().until = host_.clock.time + kShutdown;
  while (!failed() && turn(life, false)) {
  }
}

}  // namespace

SinkOutcome simulate_sink(std::uint64_t seed, Bug bug) {
  SinkOutcome outcome = SinkSimulation(seed, bug).run();
  if (outcome.failure) outcome.failure = fmt::format("seed {}: {}", seed, *outcome.failure);
  return outcome;
}

}  // namespace docmill::daemons
