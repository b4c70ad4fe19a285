// BatchReader: the source and the cutter together - documents in, batches out, in steps short
// enough for a loop.
//
// When the plan of the next batch names another source, that one is opened where the first one
// stopped. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "producer/source_context.h"
#include "shared/protocol/cutter.h"

namespace docmill {

class BatchReader {
 public:
  enum class Progress {
    kBatches,  // some were cut
    kMore,     // call again
    kIdle,     // the source has nothing right now
    kEnded,    // the source has nothing any more
  };

  // state: as loaded. plan: of the pipeline file. context.position is not looked at.
  static Result<std::unique_ptr<BatchReader>> open(const ProducerState& state, Plan plan,
                                                   SourceContext context);

  // Appends batches to be admitted in this order; take_facts() with the first of them.
  Result<Progress> step(std::vector<Batch>& batches);
  // See Source.
  Result<void> serve() { return source_->serve(); }
  Result<void> settled(const std::string& position) {
    settled_ = position;
    return source_->settled(position);
  }
  bool drain() { return source_->drain(); }
  int fd() const { return source_->fd(); }
  // What comes next may have been sent by an earlier run.
  bool repeats() const { return cutter_.replaying(); }
  ProducerFacts take_facts() { return cutter_.take_facts(); }

 private:
  BatchReader(const ProducerState& state, Plan plan, SourceContext context);

  Result<void> follow_plan();
  Result<Progress> end(std::vector<Batch>& batches);
  void add(const Source::Next& next, std::vector<Batch>& batches);

  SourceContext context_;
  Cutter cutter_;
  std::vector<SourceComponent> components_;
  std::unique_ptr<Source> source_;
  std::string source_text_;  // of source_
  std::string wanted_text_;  // of the source in the pipeline file
  std::string settled_;      // the last position of settled()
};

}  // namespace docmill
