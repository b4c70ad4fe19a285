#include "producer/producer_settings.h"

#include <algorithm>

#include "producer/source_text.h"
#include "shared/base/hash.h"

namespace docmill {

Plan plan_of(const PipelineConfig& config, const ProcessorDefinition& definition) {
  Plan plan;
  plan.limits = {config.producer.batch.documents, config.producer.batch.bytes};
  for (const auto& [sink, peer] : config.network.sinks) {
    if (peer.state == PeerState::kActive) plan.sinks.push_back(sink);
  }
  plan.keyed = config.sink.partition == Partition::kKey;
  plan.definition = encode(definition);
  plan.processors = hash64(plan.definition);
  plan.source_text = source_text(config);
  return plan;
}

ProducerSettings settings_of(const PipelineConfig& config) {
  ProducerSettings settings;
  settings.pipeline = config.pipeline;
  settings.window = {config.producer.window.batches, config.producer.window.bytes};
  // Enough that a member has work while its sink commits; little enough that one that is stuck
  // leaves room.
  settings.member.bytes = {config.producer.window.bytes.count / 3};
  settings.member.batches = std::max(config.producer.window.batches / 8, 2U);
  return settings;
}

}  // namespace docmill
