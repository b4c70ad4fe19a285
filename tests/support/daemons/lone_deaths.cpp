#include "tests/support/daemons/lone_deaths.h"

#include <algorithm>

namespace docmill::daemons {

void LoneDeaths::end_run() {
  for (const std::uint64_t incarnation : ended_) on_silence(incarnation);
  alone_.clear();
  started_.clear();
  ended_.clear();
  silenced_.clear();
}

void LoneDeaths::on_sent(const BatchHeader& header, std::size_t document) {
  run_ = header.run;
  alone_[{header.sequence, header.attempt}] = document;
}

void LoneDeaths::on_heartbeat(const Heartbeat& heartbeat) {
  const bool is_ours = heartbeat.run == run_;
  started_[heartbeat.incarnation] = is_ours ? heartbeat.started : std::vector<Attempt>();
}

// A transformer counts once: what it is blamed for is taken back when it returns.
void LoneDeaths::on_silence(std::uint64_t incarnation) {
  const auto reported = started_.find(incarnation);
  if (reported == started_.end()) return;
  for (const Attempt& started : reported->second) {
    const auto alone = alone_.find({started.sequence, started.attempt});
    if (alone == alone_.end()) continue;
    std::set<std::uint64_t>& members = silenced_[alone->second];
    members.insert(incarnation);
    most_[alone->second] = std::max(most_[alone->second], members.size());
  }
}

}  // namespace docmill::daemons
