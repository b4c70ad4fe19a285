// Cutter: turns a source's documents into batches, so that after a crash the same sequence holds
// the same documents.
//
// A batch closes when the next document would exceed the limits (greedy; the number of different
// sources is one of them), when the source is idle, or when an input ends. The limits cut the same
// way again by themselves; every other cut is a fact that must be durable before the batch is sent.
// What may have been sent by an earlier run is cut again by the recorded facts and the plan of that
// time; a changed plan begins behind it. No I/O, no clock; not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/document/document.h"
#include "shared/protocol/payload.h"
#include "shared/protocol/producer_state.h"

namespace docmill {

struct Batch {
  Sequence sequence = 0;
  std::uint32_t documents = 0;
  std::shared_ptr<const std::string> payload;
  std::uint64_t payload_hash = 0;
  std::uint64_t origin_hash = 0;  // of the payload and the number of documents
  std::string position;           // the source's, after the last document
};

class Cutter {
 public:
  // Bytes, 0 included; nothing where the source does not know better than the document itself.
  using Size = std::optional<std::uint64_t>;

  // state: as loaded at start. wanted: the plan of the pipeline file as it is now.
  Cutter(const ProducerState& state, Plan wanted);

  // The plan of the batch that is being filled; its source is the one to read from.
  const Plan& plan() const { return plan_; }
  Sequence next() const { return next_; }
  bool empty() const { return documents_ == 0; }
  // Whether an earlier run may have sent the batch that is being filled.
  bool replaying() const { return next_ <= replay_until_; }

  // False: close() first, then add. Always true when the batch is empty.
  // Everything that travels counts against the limit in bytes: the document, its metadata, the
  // reason, the name of its source, and the head of each entry.
  // size: counts instead of document, metadata and reason where it is given. It must be the same
  // when the document is read again, even if the document is not.
  bool accepts(const DocumentView& document, Size size = {}, std::string_view reason = {}) const;
  void add(const DocumentView& document, Size size = {});
  // Adds a document that could not be read whole; it travels with its reason and ends as a dead
  // letter.
  void add_dead(const DocumentView& document, std::string_view reason, Size size = {});
  // True: nothing more fits; close() now rather than wait for the next document.
  bool full() const;
  // True: the source is idle and the batch may be closed early.
  bool closes_when_idle() const;
  // Closes the batch, which must not be empty, because it is full or the next document does not
  // fit. position: the source's, after the last document added.
  Batch close(std::string position);
  // Closes it though its limits did not ask for it, which is a fact to be kept.
  Batch close_early(std::string position);

  // An input ended: closes what is open, even if that is nothing, so that every end has a sequence
  // of its own. (Empty) batches come before it where an earlier run may have cut more of this
  // input, so that the next input keeps its sequences though this one has shrunk. end: the source's
  // position before the boundary was taken; a run that resumes there meets it again. next: the
  // position after it was taken; a run that resumes there does not.
  std::vector<Batch> boundary(const std::string& end, const std::string& next);
  // What is wanted now, in place of the plan that this was made with. The batch that is being
  // filled must be empty, and no earlier run may have sent it.
  void change(Plan wanted);
  // Everything that an earlier run may have sent has been cut again. True: close_early() now, the
  // plan changes.
  bool caught_up();

  // The facts that must be durable before any batch closed since is sent.
  ProducerFacts take_facts();

 private:
  const Cut* recorded() const;
  bool within_limits(std::uint64_t more_bytes) const;
  std::uint64_t counted(const DocumentView& document, Size size, std::string_view reason) const;
  bool surplus(const DocumentView& document) const;
  void put(const DocumentView& document, std::string_view reason, Size size);
  void swallow(const DocumentView& document);
  Batch finish(std::string position);
  void begin_batch();

  std::map<Sequence, Cut> recorded_;
  std::vector<PlanFrom> recorded_plans_;
  Plan wanted_;
  Plan plan_;
  Sequence next_;
  Sequence replay_until_;
  std::uint32_t documents_ = 0;
  std::uint64_t bytes_ = 0;  // counted
  std::string source_;       // of the last document
  bool surplus_said_ = false;
  PayloadWriter payload_;
  ProducerFacts facts_;
};

}  // namespace docmill
