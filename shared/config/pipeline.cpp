#include "shared/config/pipeline.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/config/pipeline_checks.h"
#include "shared/config/pipeline_schema.h"
#include "shared/config/reference.h"
#include "shared/config/test_schema.h"
#include "shared/config/yaml.h"

namespace docmill {
namespace {

bool has_raw_link(const YamlNode& root) {
  const YamlNode* transformer = root.find("transformer");
  return transformer != nullptr &&
         (transformer->find("input") != nullptr || transformer->find("output") != nullptr);
}

std::optional<PipelineConfig> read_pipeline(std::optional<YamlNode> root, const std::string& file,
                                            const Place& place, const ComponentSets& sets,
                                            const Counts& counts) {
  if (!root) return std::nullopt;
  if (!sets.tests) {
    std::erase_if(root->entries, [](const YamlEntry& entry) { return entry.key == "tests"; });
  }
  PipelineConfig config = pipeline_schema(sets, has_raw_link(*root)).parse(*root, place);
  config.is_local = root->find("network") == nullptr;
  if (config.is_local) {
    config.network = local_network(config.state, std::max<std::size_t>(counts.producers, 1),
                                   std::max<std::size_t>(counts.sinks, 1));
  }
  check_pipeline(config, *root, sets, counts, place);
  check_test_files(*root, std::filesystem::path(file).parent_path(), place);
  if (place.total() > 0) return std::nullopt;
  for (std::size_t i = 0; i < config.tests.size(); ++i) {
    config.tests[i].line = root->find("tests")->items[i].line;
  }
  return config;
}

}  // namespace

std::optional<PipelineConfig> load_pipeline(const std::filesystem::path& file,
                                            const ComponentSets& sets, const Counts& counts,
                                            Findings& findings) {
  const Place place(findings, file.string());
  return read_pipeline(read_yaml(file, place), file.string(), place, sets, counts);
}

std::optional<PipelineConfig> parse_pipeline(std::string_view text, const std::string& name,
                                             const ComponentSets& sets, const Counts& counts,
                                             Findings& findings) {
  const Place place(findings, name);
  return read_pipeline(parse_yaml(text, place), name, place, sets, counts);
}

std::string local_address(const std::filesystem::path& state, std::string_view name,
                          std::string_view role) {
  return fmt::format("ipc://{}", (state / "sockets" / fmt::format("{}.{}", name, role)).string());
}

NetworkConfig local_network(const std::filesystem::path& state, std::size_t producers,
                            std::size_t sinks) {
  NetworkConfig network;
  for (std::size_t i = 1; i <= producers; ++i) {
    const std::string name = fmt::format("p{}", i);
    network.producers[name] = {.address = local_address(state, name, "control")};
  }
  for (std::size_t i = 1; i <= sinks; ++i) {
    const std::string name = fmt::format("s{}", i);
    network.sinks[name] = {.address = local_address(state, name, "data")};
  }
  return network;
}

bool is_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), allowed);
}

std::filesystem::path expand(const std::filesystem::path& path, std::string_view placeholder,
                             std::string_view name) {
  std::string text = path.string();
  const std::string word = fmt::format("{{{}}}", placeholder);
  for (std::size_t at = text.find(word); at != std::string::npos;
       at = text.find(word, at + name.size())) {
    text.replace(at, word.size(), name);
  }
  return text;
}

std::string pipeline_sample(const ComponentSets& sets) {
  return sample_fields(pipeline_schema(sets).section());
}

std::string pipeline_reference(const ComponentSets& sets) {
  std::string text = "## The pipeline file\n\n";
  text += field_table(pipeline_schema(sets).section());
  text += "\n```yaml\n" + pipeline_sample(sets) + "```\n";
  for (const ComponentSet* set : {sets.sources, sets.processors, sets.outputs}) {
    if (set != nullptr) text += "\n" + reference(*set, 2);
  }
  return text;
}

}  // namespace docmill
