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

  // Appends batches to be admitted in this order, also with an Error; take_facts() with the first
  // of them. After kUnavailable call again, not before a while.
  Result<Progress> step(std::vector<Batch>& batches);
  // See Source. There is none while the next one cannot be opened (kUnavailable).
  Result<void> serve() { return source_ ? source_->serve() : Result<void>(); }
  Result<void> settled(const std::string& position) {
    settled_ = position;
    return source_ ? source_->settled(position) : Result<void>();
  }
  bool drain() { return source_ && source_->drain(); }
  int fd() const { return source_ ? source_->fd() : -1; }
  // What comes next may have been sent by an earlier run.
  bool repeats() const { return cutter_.replaying(); }
  ProducerFacts take_facts() { return cutter_.take_facts(); }

 private:
  BatchReader(const ProducerState& state, Plan plan, SourceContext context);

  Result<void> follow_plan();
  Result<Progress> end(std::vector<Batch>& batches);
  // As it travels: what no message can carry becomes a dead letter, with its beginning.
  Source::Next fitted(const Source::Next& next);
  void add(const Source::Next& next, std::vector<Batch>& batches);

  SourceContext context_;
  Cutter cutter_;
  std::vector<SourceComponent> components_;
  std::unique_ptr<Source> source_;
  std::string source_text_;  // of source_
  std::string wanted_text_;  // of the source in the pipeline file
  std::string settled_;      // the last position of settled()
  std::string reason_;       // of the dead letter at hand
};

}  // namespace docmill
