#include "cli/check.h"

#include <fmt/format.h>

#include <cstdio>

#include "cli/catalogs.h"
#include "shared/base/put_text.h"
#include "shared/runtime/exit_code.h"
#include "shared/runtime/processor_definition.h"
#include "sink/output_files.h"
#include "transformer/chain.h"

namespace docmill {
namespace {

class SilentLog final : public Log {
 public:
  void write(LogLevel, std::string_view) override {}
};

Result<void> make(const PipelineConfig& config) {
  SilentLog log;
  const auto definition = define_processors(config);
  if (!definition) return definition.error();
  const auto chain = Chain::make(*definition, log);
  return chain ? Result<void>() : chain.error();
}

// One by one, so that each has its line; then all together, for the limits that they share.
void check_processors(const PipelineConfig& config, const Place& file) {
  const std::size_t before = file.total();
  const Place place = file.at("transformer").at("processors");
  PipelineConfig alone = config;
  for (std::size_t i = 0; i < config.transformer.processors.size(); ++i) {
    const Component& component = config.transformer.processors[i];
    alone.transformer.processors = {component};
    if (auto made = make(alone); !made) {
      place.at(i).at(component.key).report(component.line, made.error().text);
    }
  }
  if (file.total() != before) return;
  if (auto made = make(config); !made) place.report(0, made.error().text);
}

}  // namespace

std::optional<PipelineConfig> load_checked(const std::string& file, bool with_tests) {
  const Catalogs catalogs;
  Findings findings;
  ComponentSets sets = catalogs.sets();
  sets.tests = with_tests;
  auto config = load_pipeline(file, sets, {}, findings);
  if (config) check_output_files(*config, Place(findings, file));
  if (config) check_processors(*config, Place(findings, file));
  std::fputs(findings.text().c_str(), stderr);
  if (!findings.empty()) return std::nullopt;
  return config;
}

int check_command(const std::string& file) {
  if (!load_checked(file, true)) return kExitConfig;
  put_text("{}: ok\n", file);
  return kExitOk;
}

}  // namespace docmill
