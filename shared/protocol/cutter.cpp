#include "shared/protocol/cutter.h"

#include "shared/base/check.h"
#include "shared/base/hash.h"

namespace docmill {
namespace {

constexpr std::string_view kSurplus =
    "producer: the file changed under way: when it was first read it ended before this record; "
    "what "
    "follows is not read; give the file a new name to have it read";

}  // namespace

Cutter::Cutter(const ProducerState& state, Plan wanted)
    : recorded_(state.cuts),
      recorded_plans_(state.plans),
      wanted_(std::move(wanted)),
      next_(state.checkpoint.sequence + 1),
      replay_until_(state.reserved) {
  if (recorded_plans_.empty()) {
    plan_ = wanted_;
    facts_.plans.push_back({next_, plan_});
  } else {
    plan_ = state.plan_at(next_).plan;
  }
  begin_batch();
}

const Cut* Cutter::recorded() const {
  const auto found = recorded_.find(next_);
  return found == recorded_.end() ? nullptr : &found->second;
}

bool Cutter::surplus() const {
  const Cut* cut = recorded();
  return cut != nullptr && cut->boundary && documents_ >= cut->documents;
}

bool Cutter::accepts(const DocumentView& document) const {
  if (documents_ == 0 || surplus()) return true;
  if (const Cut* cut = recorded()) return cut->boundary || documents_ < cut->documents;
  return documents_ < plan_.limits.documents &&
         bytes_ + document.bytes.size() <= plan_.limits.bytes.count;
}

void Cutter::add_entry(const DocumentView& document) {
  ++documents_;
  bytes_ += document.bytes.size();
}

void Cutter::add(const DocumentView& document) {
  if (surplus()) {
    // One dead letter says it; the rest of the file is left unread, so that the batch stays
    // bounded.
    if (documents_ == recorded()->documents) add_dead(document, kSurplus);
    return;
  }
  payload_.document(documents_, document);
  add_entry(document);
}

void Cutter::add_dead(const DocumentView& document, std::string_view reason) {
  payload_.dead(documents_, document, reason);
  add_entry(document);
}

bool Cutter::full() const {
  if (documents_ == 0) return false;
  if (const Cut* cut = recorded()) return !cut->boundary && documents_ >= cut->documents;
  return documents_ >= plan_.limits.documents || bytes_ >= plan_.limits.bytes.count;
}

bool Cutter::closes_when_idle() const { return documents_ > 0 && !replaying(); }

Batch Cutter::finish(std::string position) {
  Batch batch;
  batch.sequence = next_;
  batch.documents = documents_;
  batch.payload = std::make_shared<const std::string>(payload_.take());
  batch.origin_hash = hash64(*batch.payload, documents_);
  batch.position = std::move(position);
  last_documents_ = documents_;
  documents_ = 0;
  bytes_ = 0;
  ++next_;
  begin_batch();
  return batch;
}

Batch Cutter::close(std::string position) {
  DOCMILL_CHECK(documents_ > 0, "closing the empty batch {}", next_);
  return finish(std::move(position));
}

Batch Cutter::close_early(std::string position) {
  if (recorded() == nullptr) facts_.cuts.push_back({next_, {documents_, false}});
  return close(std::move(position));
}

void Cutter::begin_batch() {
  for (const PlanFrom& recorded : recorded_plans_) {
    if (recorded.first == next_) plan_ = recorded.plan;
  }
  if (replaying() || plan_ == wanted_) return;
  // Nothing from here on has been sent: the block of what may have been sent ends before this
  // sequence.
  plan_ = wanted_;
  facts_.plans.push_back({next_, plan_});
  facts_.reserved = next_ - 1;
}

std::vector<Batch> Cutter::boundary(const std::string& position) {
  // The recorded end of this input is the first boundary that is not behind us.
  auto end = recorded_.lower_bound(next_ - (documents_ == 0 ? 1 : 0));
  while (end != recorded_.end() && !end->second.boundary) ++end;
  std::vector<Batch> batches;
  if (documents_ > 0) batches.push_back(finish(position));
  if (end == recorded_.end()) {
    facts_.cuts.push_back({next_ - 1, {last_documents_, true}});
  } else {
    while (next_ <= end->first) batches.push_back(finish(position));
  }
  return batches;
}

bool Cutter::caught_up() {
  replay_until_ = 0;
  if (documents_ == 0) {
    begin_batch();
    return false;
  }
  return plan_ != wanted_;
}

ProducerFacts Cutter::take_facts() { return std::exchange(facts_, {}); }

}  // namespace docmill
