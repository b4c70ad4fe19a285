#include "shared/config/path_checks.h"

#include <fmt/format.h>

#include <string>

#include "shared/config/substitution.h"
#include "shared/config/yaml.h"

namespace docmill {
namespace {

using Path = std::filesystem::path;

// A path in the file, and what the finding about another one calls it.
struct Named {
  std::string where;
  std::string text;
  Spot spot;
};

Path resolved(const Path& path) {
  std::error_code unknown;
  const Path whole = std::filesystem::weakly_canonical(std::filesystem::absolute(path), unknown);
  const Path plain = unknown ? std::filesystem::absolute(path).lexically_normal() : whole;
  return plain.has_filename() ? plain : plain.parent_path();
}

// Nothing when its value is missing, which has a finding of its own.
std::optional<Named> named(std::string where, const Spot& spot) {
  if (spot.node == nullptr || spot.node->kind != YamlNode::Kind::kScalar) return std::nullopt;
  const auto text = substitute(spot.node->text);
  if (!text || text->empty()) return std::nullopt;
  return Named{std::move(where), *text, spot};
}

std::optional<Named> source_of(const PipelineConfig& config, const YamlNode& root,
                               const ComponentSets& sets, const Place& place) {
  const Spot chosen = spot(root, place, {"producer", "source"});
  const auto path = path_spot(config.producer.source, sets.sources, chosen);
  if (!path) return std::nullopt;
  return named(fmt::format("producer.source.{}.path", config.producer.source.key), *path);
}

// What a sink writes to, in the order of the file.
std::vector<Named> written(const PipelineConfig& config, const YamlNode& root,
                           const ComponentSets& sets, const Place& place) {
  std::vector<Named> all;
  const Spot outputs = spot(root, place, {"sink", "outputs"});
  for (std::size_t i = 0; i < config.sink.outputs.size(); ++i) {
    const YamlNode& item = outputs.node->items.empty() ? *outputs.node : outputs.node->items[i];
    const Component& output = config.sink.outputs[i];
    const auto path = path_spot(output, sets.outputs, Spot{&item, item.line, outputs.place.at(i)});
    if (!path) continue;
    auto one = named(fmt::format("sink.outputs[{}].{}.path", i, output.key), *path);
    if (one) all.push_back(std::move(*one));
  }
  const Spot dead = spot(root, place, {"sink", "dead_letters"});
  all.push_back({"sink.dead_letters", config.sink.dead_letters.string(), dead});
  return all;
}

// A daemon's own disk may be another one's, too; what has another host has not.
bool share_a_machine(const PipelineConfig& config, const PeerConfig& one, const PeerConfig& other) {
  if (config.is_local) return true;
  const auto first = parse_address(one.address);
  const auto second = parse_address(other.address);
  return first && second && first->host == second->host;
}

// What `later` shares its file with, at some sink.
const Named* sharing(const PipelineConfig& config, const Named& later,
                     const std::vector<Named>& all, const std::optional<Named>& source) {
  for (const auto& [sink, peer] : config.network.sinks) {
    const Path path = resolved(expand(later.text, "sink", sink));
    for (const auto& [producer, other] : config.network.producers) {
      if (source && share_a_machine(config, peer, other) &&
          path == resolved(expand(source->text, "producer", producer))) {
        return &*source;
      }
    }
    for (const Named* one = all.data(); one != &later; ++one) {
      if (path == resolved(expand(one->text, "sink", sink))) return one;
    }
  }
  return nullptr;
}

// Where the `path` of a source stands that a daemon does not know: a sink knows none. A setting
// that is no path names no file of a ledger.
Spot likely_path(const Component& source, const Spot& chosen) {
  const Spot settings = spot(*chosen.node, chosen.place, {source.key});
  const bool is_short = settings.node != nullptr && settings.node->kind == YamlNode::Kind::kScalar;
  if (is_short || settings.node == nullptr) return settings;
  return spot(*settings.node, settings.place, {"path"});
}

}  // namespace

std::optional<Spot> path_spot(const Component& component, const ComponentSet* set,
                              const Spot& chosen) {
  const AnySchema* schema = set == nullptr ? nullptr : set->find(component.key);
  if (schema == nullptr || chosen.node == nullptr) return std::nullopt;
  if (schema->section().find("path") == nullptr) return std::nullopt;
  const Spot settings = spot(*chosen.node, chosen.place, {component.key});
  if (settings.node == nullptr) return std::nullopt;
  if (settings.node->kind == YamlNode::Kind::kScalar) {
    return schema->section().shorthand == "path" ? std::optional(settings) : std::nullopt;
  }
  return spot(*settings.node, settings.place, {"path"});
}

void check_paths(const PipelineConfig& config, const YamlNode& root, const ComponentSets& sets,
                 const Place& place) {
  if (config.sink.outputs.empty()) return;
  const std::optional<Named> source = source_of(config, root, sets, place);
  const std::vector<Named> all = written(config, root, sets, place);
  for (const Named& one : all) {
    const Named* other = sharing(config, one, all, source);
    if (other == nullptr) continue;
    one.spot.report(fmt::format("already used at {}; each needs a file of its own", other->where));
  }
}

std::vector<Path> source_paths(const PipelineConfig& config, const ComponentSets& sets,
                               const std::string& sink) {
  Findings findings;
  const Place place(findings, "");
  const auto node = parse_yaml(config.producer.source.canonical, place);
  std::vector<Path> paths;
  if (!node) return paths;
  const Component& chosen = config.producer.source;
  const Spot all{&*node, 0, place};
  const auto path = sets.sources == nullptr ? std::optional(likely_path(chosen, all))
                                            : path_spot(chosen, sets.sources, all);
  const auto source = path ? named("", *path) : std::nullopt;
  const auto beside = config.network.sinks.find(sink);
  for (const auto& [producer, peer] : config.network.producers) {
    const bool elsewhere =
        beside != config.network.sinks.end() && !share_a_machine(config, beside->second, peer);
    if (source && !elsewhere) paths.push_back(expand(source->text, "producer", producer));
  }
  return paths;
}

}  // namespace docmill
