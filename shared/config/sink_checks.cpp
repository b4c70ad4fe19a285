#include "shared/config/sink_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/config/routed_output.h"
#include "shared/config/substitution.h"

namespace docmill {
namespace {

// The routes that outputs take; none when some output takes every document.
std::vector<std::string_view> all_routes_of(const std::vector<Component>& outputs) {
  std::vector<std::string_view> routes;
  for (const Component& output : outputs) {
    if (routes_of(output).empty()) return {};
    for (const std::string& route : routes_of(output)) {
      if (std::count(routes.begin(), routes.end(), route) == 0) routes.push_back(route);
    }
  }
  return routes;
}

}  // namespace

// Nothing but the processor `key` notes a key; and each batch names one batch before it, which is
// at one sink.
void check_partition(const PipelineConfig& config, const YamlNode& root, const Place& place) {
  if (config.sink.partition != Partition::kKey) return;
  const Spot partition = spot(root, place, {"sink", "partition"});
  if (config.sink.order == Order::kSource) {
    partition.report(
        "must not be key beside 'order: source', which is kept batch by batch; take one of them "
        "out");
  }
  // In the file rather than in what was made of it: one that is there but wrong has its own
  // finding.
  const YamlNode* processors = spot(root, place, {"transformer", "processors"}).node;
  if (processors == nullptr ||
      std::none_of(processors->items.begin(), processors->items.end(),
                   [](const YamlNode& one) { return one.text == "key" || one.find("key"); })) {
    partition.report(
        "must have a processor that notes the key; add '- key: {path: PATH}' to "
        "transformer.processors");
  }
}

// Where the file itself has the route: only the last processor that notes one decides.
void check_routes(const PipelineConfig& config, const YamlNode& root, const Place& place) {
  const std::vector<std::string_view> routes = all_routes_of(config.sink.outputs);
  const auto& processors = config.transformer.processors;
  std::size_t last = processors.size();
  while (last > 0 && processors[last - 1].key != "route") --last;
  if (routes.empty() || last == 0) return;
  const Spot list = spot(root, place, {"transformer", "processors"});
  const YamlNode& item = list.node->items.empty() ? *list.node : list.node->items[last - 1];
  for (const char* field : {"value", "default"}) {
    const Spot given = spot(item, list.place.at(last - 1), {"route", field});
    const auto text = given.node ? substitute(given.node->text) : Result<std::string>("");
    if (given.node == nullptr || !text || std::count(routes.begin(), routes.end(), *text) > 0)
      continue;
    given.report(without_secret(fmt::format("must be a route that an output takes ({}), got {}",
                                            either(routes), quote(*text)),
                                given.node->text));
  }
}

}  // namespace docmill
