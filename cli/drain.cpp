#include "cli/drain.h"

#include <algorithm>

namespace docmill {
namespace {

constexpr int kEmptyStatuses = 2;

std::uint64_t value_of(const Status& status, const char* gauge) {
  const auto found = status.values.find(gauge);
  return found == status.values.end() ? 0 : found->second;
}

}  // namespace

Drain::Drain(const std::set<std::string>& sinks, Duration patience, Time now)
    : patience_(patience), progressed_(now) {
  for (const std::string& name : sinks) sinks_.emplace(name, Sink{});
}

void Drain::take(const Status& status, Time now) {
  const auto found = sinks_.find(status.name);
  if (found == sinks_.end() || status.role != "sink") return;
  Sink& sink = found->second;
  const std::uint64_t waiting = value_of(status, "spilled_waiting");
  const std::uint64_t answers = value_of(status, "spill_answers");
  const bool fewer = sink.known && waiting < sink.waiting;
  const bool answered = sink.known && answers != sink.answers;
  if (fewer || answered) progressed_ = now;
  sink.answers = answers;
  sink.empty = waiting == 0 ? sink.empty + 1 : 0;
  sink.waiting = waiting;
  sink.known = true;
}

Drain::State Drain::state(Time now) const {
  const auto is = [this](auto condition) {
    return std::all_of(sinks_.begin(), sinks_.end(),
                       [&](const auto& entry) { return condition(entry.second); });
  };
  if (is([](const Sink& sink) { return sink.empty >= kEmptyStatuses; })) return State::kEmpty;
  if (now - progressed_ > patience_) return State::kGivenUp;
  return is([](const Sink& sink) { return sink.known; }) ? State::kWaiting : State::kUnknown;
}

std::uint64_t Drain::waiting() const {
  std::uint64_t sum = 0;
  for (const auto& [name, sink] : sinks_) sum += sink.waiting;
  return sum;
}

}  // namespace docmill
