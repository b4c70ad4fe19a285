// TestRun: what a pipeline makes of the inputs of a test: its own source reads them, its own
// processors work on them, in this process, without sockets, state or outputs.
//
// An input is what one file of the source holds: a document where the source reads whole files, its
// records where it splits, its lines where it reads lines. For a source that reads no files an
// input is one document. Not for several threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "producer/source_context.h"
#include "shared/config/pipeline.h"
#include "shared/protocol/payload.h"
#include "transformer/chain.h"

namespace docmill {

struct TestOutcome {
  struct Made {
    Format format = Format::kBytes;
    std::string bytes;
    std::string notes;  // notes.h
  };
  struct Dead {
    std::string reason;  // "stage: error"
    Made document;       // as it came from the source
  };

  std::vector<Made> outputs;
  std::vector<Dead> dead;
  std::uint64_t filtered = 0;
  std::vector<std::string> log;  // what the source and the processors had to say
};

class TestRun {
 public:
  // folder: where the files of the tests are seen from. config must outlive the run. Failure: what
  // a daemon would say when it starts.
  static Result<std::unique_ptr<TestRun>> open(const PipelineConfig& config,
                                               std::filesystem::path folder);

  ~TestRun();

  // Failure: an input could not be read at all, so that nothing can be said about the test.
  Result<TestOutcome> run(const TestConfig& test);

 private:
  class KeptLog;

  TestRun(const PipelineConfig& config, std::filesystem::path folder);
  Result<void> choose_source();
  Result<void> read(const TestDocument& input);
  Result<void> read_file(const std::filesystem::path& file);
  void take(const Source::Next& next);
  void keep(std::string_view payload);

  const PipelineConfig& config_;
  std::filesystem::path folder_;
  std::unique_ptr<KeptLog> log_;
  std::vector<SourceComponent> sources_;
  const SourceComponent* source_ = nullptr;  // of sources_
  std::any settings_;                        // of the source
  std::unique_ptr<Chain> chain_;
  TestOutcome outcome_;
  std::uint32_t index_ = 0;  // of the next document
};

}  // namespace docmill
