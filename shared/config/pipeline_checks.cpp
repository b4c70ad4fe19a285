#include "shared/config/pipeline_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "shared/config/key_modes.h"
#include "shared/config/open_address.h"
#include "shared/config/path_checks.h"
#include "shared/config/sink_checks.h"
#include "shared/config/source_checks.h"
#include "shared/config/spot.h"

namespace docmill {
namespace {

// An address that a daemon of this pipeline binds.
struct Binding {
  std::string path;
  Address address;
  Spot spot;
};

using Peers = std::map<std::string, PeerConfig>;

void add_peers(const char* tier, const Peers& peers, const YamlNode& root, const Place& place,
               std::vector<Binding>& bindings) {
  for (const auto& [name, peer] : peers) {
    const Result<Address> address = parse_address(peer.address);
    if (!address) continue;
    const Spot where = spot(root, place, {"network", tier, name});
    bindings.push_back({fmt::format("network.{}.{}", tier, name), *address, where});
    if (address->is_wildcard()) {
      where.report(
          fmt::format("must be an address that others can connect to, got {}; name the host",
                      quote(peer.address)));
    }
  }
}

std::vector<Binding> bindings_of(const PipelineConfig& config, const YamlNode& root,
                                 const Place& place) {
  std::vector<Binding> bindings;
  if (!config.is_local) {
    add_peers("producers", config.network.producers, root, place, bindings);
    add_peers("sinks", config.network.sinks, root, place, bindings);
  }
  if (!config.sink.publish) return bindings;
  if (const auto address = parse_address(config.sink.publish->bind)) {
    bindings.push_back(
        {"sink.publish.bind", *address, spot(root, place, {"sink", "publish", "bind"})});
  }
  return bindings;
}

// A transformer takes any free port of the range, on any host, and what is sent to the daemon whose
// port it is. Without `network` transformers take no ports.
void check_port(const PipelineConfig& config, const Binding& binding) {
  const PortRange& ports = config.transformer.ports;
  const std::uint16_t port = binding.address.port;
  if (config.is_local || binding.address.scheme != Address::Scheme::kTcp || port < ports.first ||
      port > ports.last) {
    return;
  }
  binding.spot.report(
      fmt::format("must have a port outside of transformer.ports, which transformers take, got "
                  "'{}' of {}-{}; choose another port, or other transformer.ports",
                  port, ports.first, ports.last));
}

constexpr std::string_view kOpenCure =
    "add 'security: {curve: {keys: keys}}', or 'security: {insecure: true}'";

void check_bindings(const PipelineConfig& config, const YamlNode& root, const Place& place) {
  const std::vector<Binding> bindings = bindings_of(config, root, place);
  const bool may_be_open = config.security.insecure || config.security.curve;
  for (std::size_t i = 0; i < bindings.size(); ++i) {
    const Binding& binding = bindings[i];
    check_port(config, binding);
    for (std::size_t j = 0; j < i; ++j) {
      if (!binding.address.overlaps(bindings[j].address)) continue;
      binding.spot.report(
          fmt::format("already bound at {}; each needs an address of its own", bindings[j].path));
    }
    if (const auto open = open_problem(binding.address, kOpenCure); open && !may_be_open) {
      binding.spot.report(*open);
    }
  }
  const Address advertised{.host = config.transformer.advertise, .path = {}};
  if (const auto open = open_problem(advertised, kOpenCure); open && !may_be_open) {
    spot(root, place, {"transformer", "advertise"}).report(*open);
  }
}

void check_names(const PipelineConfig& config, const YamlNode& root, const Place& place) {
  if (config.is_local) return;
  std::set<std::string> seen;
  for (const auto& [tier, peers] :
       {std::pair("producers", &config.network.producers), {"sinks", &config.network.sinks}}) {
    for (const auto& [name, peer] : *peers) {
      const Spot where = spot(root, place, {"network", tier, name});
      if (!is_name(name)) where.report("its name must be 1 to 32 of a-z, 0-9 and -");
      if (!seen.insert(name).second) {
        where.report("is also a producer; every daemon needs a name of its own");
      }
    }
  }
}

void check_counts(const PipelineConfig& config, const YamlNode& root, const Counts& counts,
                  const Place& place) {
  if (config.is_local) return;
  const auto check = [&](const char* tier, std::size_t asked, std::size_t named) {
    if (asked == 0 || asked == named || named == 0) return;
    spot(root, place, {"network", tier})
        .report(fmt::format("names {}, but {} were asked for; leave the number out", named, asked));
  };
  check("producers", counts.producers, config.network.producers.size());
  check("sinks", counts.sinks, config.network.sinks.size());
}

// Reports every text under path that lacks the placeholder; several daemons would share it.
// cure: another one than the placeholder; may be empty.
void check_placeholder(const Spot& path, std::string_view tier, std::size_t count,
                       std::string_view cure = {}) {
  if (path.node == nullptr) return;
  const std::string placeholder = fmt::format("{{{}}}", tier);
  const auto check = [&](const YamlNode& node, const Place& place) {
    if (node.kind != YamlNode::Kind::kScalar) return;
    if (node.text.find(placeholder) != std::string::npos) return;
    place.report(node.line, fmt::format("must contain {} because there are {} {}s, got {}{}",
                                        placeholder, count, tier, quote(node.text), cure));
  };
  check(*path.node, path.place);
  for (std::size_t i = 0; i < path.node->items.size(); ++i) {
    check(path.node->items[i], path.place.at(i));
  }
}

// The `path` of a component, where its schema has one and says nothing else about sharing. Files of
// one path are shared by `claims`, where a schema has them.
void check_component_path(const Component& component, const ComponentSet* set, const Spot& chosen,
                          std::string_view tier, std::size_t count) {
  const std::optional<Spot> path = path_spot(component, set, chosen);
  if (!path || set->find(component.key)->section().partitioned) return;
  const bool knows_claims = set->find(component.key)->section().find("claims") != nullptr;
  const Spot claims = spot(*chosen.node, chosen.place, {component.key, "claims"});
  if (knows_claims && claims.node != nullptr) return;
  check_placeholder(*path, tier, count,
                    knows_claims ? "; or add 'claims: FOLDER', and they share it" : "");
}

void check_sharing(const PipelineConfig& config, const YamlNode& root, const ComponentSets& sets,
                   const Place& place) {
  const std::size_t producers = config.network.producers.size();
  const std::size_t sinks = config.network.sinks.size();
  if (producers > 1) {
    check_component_path(config.producer.source, sets.sources,
                         spot(root, place, {"producer", "source"}), "producer", producers);
  }
  if (sinks < 2) return;
  const Spot outputs = spot(root, place, {"sink", "outputs"});
  for (std::size_t i = 0; i < config.sink.outputs.size(); ++i) {
    const YamlNode& item = outputs.node->items.empty() ? *outputs.node : outputs.node->items[i];
    check_component_path(config.sink.outputs[i], sets.outputs,
                         {&item, item.line, outputs.place.at(i)}, "sink", sinks);
  }
  check_placeholder(spot(root, place, {"sink", "dead_letters"}), "sink", sinks);
}

// True when two sinks would bind the same address of the same machine.
bool shares_machine(const PipelineConfig& config) {
  if (config.is_local) return config.network.sinks.size() > 1;
  std::set<std::string> hosts;
  for (const auto& [name, peer] : config.network.sinks) {
    const Result<Address> address = parse_address(peer.address);
    if (address && !hosts.insert(address->host).second) return true;
  }
  return false;
}

void check_publish(const PipelineConfig& config, const YamlNode& root, const Place& place) {
  if (!config.sink.publish || !shares_machine(config)) return;
  const std::string& bind = config.sink.publish->bind;
  if (!parse_address(bind) || bind.find("{sink}") != std::string::npos) return;
  spot(root, place, {"sink", "publish", "bind"})
      .report("several sinks of one machine would bind it; use an ipc address with {sink} in it");
}

void check_local_addresses(const PipelineConfig& config, const YamlNode& root, const Place& place) {
  if (!config.is_local) return;
  for (const Peers* peers : {&config.network.producers, &config.network.sinks}) {
    for (const auto& [name, peer] : *peers) {
      const Result<Address> address = parse_address(peer.address);
      if (address) continue;
      spot(root, place, {"state"})
          .report(fmt::format("too long for the socket of {}: {}", name, address.error().text));
      return;
    }
  }
}

void check_ports(const PipelineConfig& config, const YamlNode& root, const Place& place) {
  const PortRange& ports = config.transformer.ports;
  const std::uint32_t count = ports.last - ports.first + 1U;
  if (count >= config.transformer.workers) return;
  spot(root, place, {"transformer", "ports"})
      .report(fmt::format("must hold a port for each of {} workers, got {}",
                          config.transformer.workers, count));
}

// Raw links at both ends of a transformer are in place of the other stages.
void check_raw(const YamlNode& root, const Place& place) {
  const Spot input = spot(root, place, {"transformer", "input"});
  const Spot output = spot(root, place, {"transformer", "output"});
  if (input.node == nullptr && output.node == nullptr) return;
  if (input.node == nullptr) input.report("missing, and required beside transformer.output");
  if (output.node == nullptr) output.report("missing, and required beside transformer.input");
  for (const std::string_view section : {"producer", "sink", "network"}) {
    const Spot found = spot(root, place, {section});
    if (found.node == nullptr) continue;
    found.report(
        "has no place beside transformer.input and transformer.output, which are in its stead; "
        "take it out, or them");
  }
}

}  // namespace

void check_pipeline(const PipelineConfig& config, const YamlNode& root, const ComponentSets& sets,
                    const Counts& counts, const Place& place) {
  check_names(config, root, place);
  check_counts(config, root, counts, place);
  check_bindings(config, root, place);
  check_publish(config, root, place);
  check_local_addresses(config, root, place);
  check_ports(config, root, place);
  check_sharing(config, root, sets, place);
  check_partition(config, root, place);
  check_raw(root, place);
  check_routes(config, root, place);
  check_paths(config, root, sets, place);
  check_source(config, root, sets, place);
  if (config.security.curve) {
    const Spot keys = spot(root, place, {"security", "curve", "keys"});
    check_key_modes(config.security.curve->keys, keys.line, keys.place);
  }
}

}  // namespace docmill
