#include "producer/wanted_source.h"

#include <optional>
#include <string>

#include "producer/source_text.h"
#include "producer/spooled/spooled_source.h"

namespace docmill {

Result<void> try_wanted_source(const ProducerState& state, const Plan& plan,
                               const std::vector<SourceComponent>& components,
                               const SourceContext& context) {
  if (state.plans.empty()) return {};
  const Checkpoint& checkpoint = state.checkpoint;
  const Plan& first = state.plan_at(checkpoint.sequence + 1).plan;
  if (first.source_text == plan.source_text) return {};
  const auto wanted = kind_of_source(plan.source_text, context.producer, components);
  if (!wanted) return wanted.error();
  const auto kind = kind_of_source(first.source_text, context.producer, components);
  if (!kind) return kind.error();
  // It takes in at once, from the same spool.
  if (*kind == kSpooledKind && *wanted == kSpooledKind) return {};
  const auto settings = parse_source_text(plan.source_text, component_set("source", components));
  if (!settings) return settings.error();
  SourceContext with = context;
  apply(*settings, with);
  const auto& left = state.plans.back().plan.left;
  const auto found = left.find(*wanted);
  with.position = found == left.end() ? "" : found->second;
  if (*wanted == *kind && checkpoint.position.starts_with(*kind)) {
    with.position = checkpoint.position;
  }
  // Sockets of a context of its own are closed when that is gone, so that the same address is free
  // again.
  std::optional<Context> sockets;
  if (context.sockets != nullptr) {
    auto opened = context.sockets->open_another();
    if (!opened) return opened.error();
    sockets = std::move(*opened);
    with.sockets = &*sockets;
  }
  if (auto selected = context.catalog.select(*wanted); !selected) return selected;
  const auto source =
      find_listed(components, settings->source.key)->open(settings->source.config, with);
  return source ? Result<void>() : source.error();
}

}  // namespace docmill
