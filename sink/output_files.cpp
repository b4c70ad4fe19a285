#include "sink/output_files.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <vector>

#include "shared/config/routed_output.h"
#include "sink/file_pattern.h"
#include "sink/output_context.h"

namespace docmill {
namespace {

struct Writer {
  std::string where;  // "sink.outputs[0].json"
  Place place;
  int line = 0;
  std::vector<std::string> patterns;
};

std::vector<Writer> writers_of(const PipelineConfig& config, const Place& file) {
  std::vector<Writer> writers;
  const std::vector<OutputComponent> catalog = output_components();
  const Place sink = file.at("sink");
  for (std::size_t i = 0; i < config.sink.outputs.size(); ++i) {
    const Component& chosen = config.sink.outputs[i];
    const OutputComponent* component = find_listed(catalog, chosen.key);
    if (component == nullptr || !component->files) continue;
    writers.push_back({fmt::format("sink.outputs[{}].{}", i, chosen.key),
                       sink.at("outputs").at(i).at(chosen.key), chosen.line,
                       component->files(std::any_cast<const RoutedOutput&>(chosen.config).own)});
  }
  writers.push_back(
      {"sink.dead_letters", sink.at("dead_letters"), 0, {config.sink.dead_letters.string()}});
  return writers;
}

std::string resolved(const std::string& pattern, const std::string& sink) {
  const std::filesystem::path path = std::filesystem::absolute(expand(pattern, "sink", sink));
  std::error_code unknown;
  const auto whole = std::filesystem::weakly_canonical(path, unknown);
  return (unknown ? path.lexically_normal() : whole).string();
}

// A name of `later` that may be one of `earlier` at this sink.
std::optional<std::string> shared_name(const Writer& later, const Writer& earlier,
                                       const std::string& sink) {
  for (const std::string& one : later.patterns) {
    for (const std::string& other : earlier.patterns) {
      if (patterns_meet(resolved(one, sink), resolved(other, sink))) return one;
    }
  }
  return std::nullopt;
}

void check_spools(const PipelineConfig& config, const Place& file) {
  const std::vector<OutputComponent> catalog = output_components();
  std::map<std::string, std::string> owners;  // by receiver
  for (std::size_t i = 0; i < config.sink.outputs.size(); ++i) {
    const Component& chosen = config.sink.outputs[i];
    const OutputComponent* component = find_listed(catalog, chosen.key);
    if (component == nullptr || !component->spills_for) continue;
    const std::string receiver =
        component->spills_for(std::any_cast<const RoutedOutput&>(chosen.config).own);
    if (receiver.empty()) continue;
    const auto [owner, is_first] =
        owners.emplace(receiver, fmt::format("sink.outputs[{}].{}", i, chosen.key));
    if (is_first) continue;
    file.at("sink")
        .at("outputs")
        .at(i)
        .at(chosen.key)
        .report(chosen.line,
                fmt::format(
                    "expected a receiver that no other output with 'on_full: spill' has, got '{}', "
                    "which {} has as well; take one of them out, or give it 'on_full: wait'",
                    receiver, owner->second));
  }
}

}  // namespace

void check_output_files(const PipelineConfig& config, const Place& file) {
  check_spools(config, file);
  const std::vector<Writer> writers = writers_of(config, file);
  for (std::size_t i = 1; i < writers.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      std::optional<std::string> name;
      for (const auto& [sink, peer] : config.network.sinks) {
        name = shared_name(writers[i], writers[j], sink);
        if (name) break;
      }
      if (!name) continue;
      writers[i].place.report(
          writers[i].line,
          fmt::format("expected names that no other output uses, got '{}', which {} may use as "
                      "well; move one of them to another folder",
                      readable(*name), writers[j].where));
      break;
    }
  }
}

Result<void> check_output_files(const PipelineConfig& config) {
  Findings findings;
  check_output_files(config, Place(findings, ""));
  std::string text;
  for (Finding finding : findings.sorted()) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", finding.path, finding.text);
  }
  return text.empty() ? Result<void>() : config_error(text);
}

}  // namespace docmill
