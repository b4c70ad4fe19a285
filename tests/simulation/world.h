// World: the time, the dice and the agenda of one simulation; what all its parts share.
//
// One thread; nothing in it depends on anything but the seed.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "shared/base/clock.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/dice.h"

namespace docmill::simulation {

// The mistakes that can be planted, to prove that the checker sees them. They are planted in the
// simulated daemons and disks, or by altering what the cores are given and give; the cores know
// nothing of them.
enum class Bug {
  kNone,
  kAckBeforeCommit,
  kLedgerBeforeOutput,
  kCheckpointAhead,
  kEarlyCutNotRecorded,
  kSinkListChangedInsideBlock,
  kReservationNotRecorded,
  kSentBeforeFactsAreDurable,
  kDeadLetterSettledByProducer,
  kTimeoutCountedAsDeath,
  kWatermarkLost,
  kWatermarkAheadOfDisk,
  kOutputNotCutBack,
  kRepeatWrittenAgain,
  kHashIgnored,
  kShareIgnored,
  kEndBeforeLastBatch,
  kFileOrderNotRecorded,
  kTurnIgnored,
  kEarlyAcked,
  kPreviousForgotten,
  kClosedEpochTaken,
  kKeyedChangedInsideBlock,
  kDividedByOwnList,
  kVoidNotRecorded,
  kVoidForgotten,
  kVoidIgnored,
  kVoidTakenForDead,
  kDeadBeforeVoidEverywhere,
};

using std::literals::chrono_literals::operator""ms;
using std::literals::chrono_literals::operator""s;
using std::literals::chrono_literals::operator""us;

class World {
 public:
  World(std::uint64_t seed, Bug bug, bool trace) : dice(seed), bug_(bug), trace_(trace) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Dice dice;
  Coverage coverage;
  bool adversarial = false;  // the network loses, repeats, delays and reorders single messages
  bool calm = false;         // no more faults

  Time now() const { return now_; }
  bool has(Bug bug) const { return bug_ == bug; }
  void after(Duration delay, std::function<void()> happening);
  // Lets the next thing happen; false when there is none, or something failed.
  bool step();
  std::uint64_t events() const { return events_; }

  // The first failure is kept, and ends the simulation.
  void fail(std::string text);
  const std::optional<std::string>& failure() const { return failure_; }

  bool traces() const { return trace_; }
  template <typename... Values>
  void trace(fmt::format_string<Values...> format, Values&&... values) {
    if (trace_) print(fmt::format(format, std::forward<Values>(values)...));
  }

 private:
  struct Happening {
    Time when;
    std::uint64_t order;
    std::function<void()> what;
    bool operator>(const Happening& other) const {
      return when != other.when ? when > other.when : order > other.order;
    }
  };

  void print(const std::string& text) const;

  Bug bug_;
  bool trace_;
  Time now_{std::chrono::seconds(1)};
  std::uint64_t events_ = 0;
  std::uint64_t order_ = 0;
  std::priority_queue<Happening, std::vector<Happening>, std::greater<>> agenda_;
  std::optional<std::string> failure_;
};

}  // namespace docmill::simulation
