#include "producer/sink_decisions.h"

#include <set>

#include "shared/store/sink_requests.h"

namespace docmill {

Result<void> take_over_sink_decisions(Daemon& daemon, const StateFolder& folder,
                                      ProducerStore& store, ProducerState& state,
                                      const std::vector<std::string>& active) {
  const auto decisions =
      apply_requests(folder.path(), store, state, active, daemon.lock_patience());
  if (!decisions) return decisions.error();
  for (const SinkDecision& decision : *decisions) daemon.log().warn("{}", decision.text);
  if (state.reserved <= state.checkpoint.sequence) return {};
  std::set<std::string> unlisted;
  for (const PlanFrom& from : state.plans) {
    for (const std::string& sink : from.plan.sinks) {
      if (!daemon.config().network.sinks.contains(sink)) unlisted.insert(sink);
    }
  }
  for (const std::string& sink : unlisted) {
    daemon.log().warn(
        "batches after {} may wait for sink {}, which the pipeline file does not list; list it as "
        "draining, or, if it is lost, run 'docmill sink forget FILE {}'",
        state.checkpoint.sequence, sink, sink);
  }
  return {};
}

}  // namespace docmill
