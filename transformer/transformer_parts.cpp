#include "transformer/transformer_parts.h"

#include "shared/base/hash.h"

namespace docmill {
namespace {

// What may wait for a sink. A batch that finds it full goes back.
constexpr Bytes kMaxOutbox{16 << 20};

}  // namespace

Result<TransformerParts> TransformerParts::open(const PipelineConfig& config,
                                                ProcessorDefinition definition, Log& log,
                                                MemberIdentity self, std::function<void()> wake) {
  TransformerParts parts{std::move(self), hash64(encode(definition)), nullptr, {}};
  parts.shop.reset(new Workshop{config,
                                log,
                                {},
                                {},
                                WorkerEvents(std::move(wake)),
                                OutboxRoom(config.network.sinks, kMaxOutbox)});
  parts.shop->revisions.add(parts.revision, std::move(definition));
  for (std::uint32_t number = 0; number < config.transformer.workers; ++number) {
    auto worker = Worker::open(*parts.shop, parts.revision);
    if (!worker) return worker.error();
    parts.workers.push_back(std::move(*worker));
  }
  return parts;
}

}  // namespace docmill
