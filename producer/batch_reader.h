// BatchReader: the source and the cutter together - documents in, batches out, in steps short
// enough for a loop.
//
// When the plan of the next batch has other settings of the source, that one is opened where the
// first one stopped. Sources with a spool are one kind: the one in the pipeline file is opened at
// once, and only the limits of what is read again stay the former ones. When the plan has another
// kind of source, whose positions mean something else, the first one is drained before: what its
// spool has is given out, files that it has claimed are read, and others to the end of the one that
// is open. Then the other one begins, where it was left if it was used before. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "producer/source_context.h"
#include "producer/source_text.h"
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

  // state: as loaded. plan: of the pipeline file. Of the context, position, limits and xml are not
  // looked at. The source is told what was settled.
  static Result<std::unique_ptr<BatchReader>> open(const ProducerState& state, Plan plan,
                                                   std::vector<SourceComponent> components,
                                                   SourceContext context);

  // Appends batches to be admitted in this order, also with an Error; take_facts() with the first
  // of them. After kUnavailable call again, not before a while.
  Result<Progress> step(std::vector<Batch>& batches);
  // See Source. There is none while the next one cannot be opened (kUnavailable).
  Result<void> serve();
  Result<void> settled(const Checkpoint& checkpoint);
  bool drain();
  // See SpooledSource.
  Result<void> take_rest(Time until);
  bool owes() const { return source_ && source_->owes(); }
  int fd() const { return source_ ? source_->fd() : -1; }
  // What comes next may have been sent by an earlier run.
  bool repeats() const { return cutter_.replaying(); }
  ProducerFacts take_facts() { return cutter_.take_facts(); }
  // Why it ended before the source in the pipeline file could begin: its predecessor cannot be
  // opened. All that was read is settled first; otherwise no start would get further.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  // Whether source_ makes way for another kind.
  enum class Draining { kNotBegun, kToABoundary, kToItsEnd, kOver };

  BatchReader(const ProducerState& state, Plan plan, std::optional<Plan> successor,
              std::vector<SourceComponent> components, SourceContext context);

  Result<void> follow_plan();
  Result<void> open_source(const SourceSettings& settings);
  Result<std::unique_ptr<Source>> open_spooled();
  Result<void> note_spools(const ProducerState& state);
  std::string settled_of_spool(const Checkpoint& checkpoint) const;
  bool may_change(std::vector<Batch>& batches);
  void change_source();
  Result<Progress> cannot_follow(const Error& error, const std::vector<Batch>& batches);
  Result<Progress> cannot_read(const Error& error, std::vector<Batch>& batches);
  Result<Progress> idle(std::vector<Batch>& batches);
  Progress busy(std::vector<Batch>& batches);
  Result<Progress> end(std::vector<Batch>& batches);
  // As it travels: what no message can carry becomes a dead letter, with its beginning.
  Source::Next fitted(const Source::Next& next);
  void add(const Source::Next& next, std::vector<Batch>& batches);

  SourceContext context_;
  Cutter cutter_;
  std::vector<SourceComponent> components_;
  std::unique_ptr<Source> source_;
  std::string source_text_;  // of source_
  std::string kind_;         // of source_
  std::string wanted_text_;  // of the source in the pipeline file
  // From this batch on every source has a spool, and the one in the pipeline file takes in.
  Sequence inlet_from_ = 0;
  // Where the spool was left: everything up to there is in the batches before this one.
  std::vector<std::pair<Sequence, std::string>> spool_left_;
  std::optional<Plan> successor_;  // with another kind of source; source_ is drained first
  Draining draining_ = Draining::kNotBegun;
  std::unique_ptr<Source> spool_;      // of a kind before, until what it gave out is settled
  std::optional<Checkpoint> settled_;  // the last one of settled()
  std::optional<Error> failure_;
  std::string reason_;              // of the dead letter at hand
  std::optional<Time> busy_since_;  // the source has been looking for its next document
};

}  // namespace docmill
