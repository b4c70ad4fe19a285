// What the tests of `docmill test` share: a pipeline with tests in memory, and what becomes of it.
#pragma once

#include <string>
#include <vector>

#include "cli/catalogs.h"
#include "cli/testing/judgement.h"
#include "cli/testing/test_run.h"
#include "tests/support/catch.h"

namespace docmill::test {

struct Pipeline {
  std::string source = "generate";  // on one line
  std::string processors = "[]";    // the same
  std::string more = "";            // sections, each with a line break at its end
};

inline PipelineConfig load(const Pipeline& pipeline, const std::string& tests) {
  const std::string text = "pipeline: a\nproducer: { source: " + pipeline.source +
                           " }\ntransformer: { processors: " + pipeline.processors +
                           " }\nsink: { outputs: [ ndjson: { path: out.ndjson } ] }\n" +
                           pipeline.more + "tests:\n" + tests;
  const Catalogs catalogs;
  ComponentSets sets = catalogs.sets();
  sets.tests = true;
  Findings findings;
  auto config = parse_pipeline(text, "a.yaml", sets, {}, findings);
  INFO(findings.text());
  REQUIRE(config.has_value());
  return std::move(*config);
}

inline TestOutcome outcome_of(const PipelineConfig& config) {
  auto run = TestRun::open(config, "");
  REQUIRE(run.ok());
  auto outcome = (*run)->run(config.tests.at(0));
  REQUIRE(outcome.ok());
  return std::move(*outcome);
}

// What differs in the first test, as people read it; empty when it passes.
inline std::string differences_of(const Pipeline& pipeline, const std::string& tests) {
  const PipelineConfig config = load(pipeline, tests);
  std::string text;
  for (const Difference& difference :
       Judgement("").differences(config.tests.at(0), outcome_of(config))) {
    text += difference.text + "\n";
    for (const DiffLine& line : difference.lines) {
      constexpr std::string_view kMarks[] = {"  ", "- ", "+ ", ".. "};
      text += std::string(kMarks[static_cast<int>(line.kind)]) + line.text + "\n";
    }
  }
  return text;
}

}  // namespace docmill::test
