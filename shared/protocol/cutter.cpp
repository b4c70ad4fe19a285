#include "shared/protocol/cutter.h"

#include <algorithm>
#include <limits>

#include "shared/base/binary.h"
#include "shared/base/check.h"
#include "shared/base/hash.h"

namespace docmill {
namespace {

constexpr std::string_view kSurplus =
    "producer: the file changed under way: when it was first read it ended before this record; "
    "what follows is not read; give the file a new name to have it read";

// Takes the place of a cut that no longer holds: an early cut has documents, a boundary says so.
constexpr Cut kNoCut{0, false};

// Large payloads are hashed once; the frame's hash is made of the same number.
std::uint64_t origin_hash(std::uint64_t payload_hash, std::uint32_t documents) {
  std::string both;
  BinaryWriter out(both);
  out.number(payload_hash);
  out.number(documents);
  return hash64(both);
}

}  // namespace

Cutter::Cutter(const ProducerState& state, Plan wanted)
    : recorded_(state.cuts),
      recorded_plans_(state.plans),
      wanted_(std::move(wanted)),
      next_(state.checkpoint.sequence + 1),
      replay_until_(state.reserved) {
  std::erase_if(recorded_, [](const auto& cut) { return cut.second == kNoCut; });
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

bool Cutter::within_limits(std::uint64_t more_bytes) const {
  return documents_ < plan_.limits.documents && bytes_ + more_bytes <= plan_.limits.bytes.count;
}

std::uint64_t Cutter::counted(const DocumentView& document, Size size,
                              std::string_view reason) const {
  constexpr std::uint64_t kEntry = PayloadWriter::kEntryBytes;
  const std::string_view source = document.origin.source;
  const bool is_named = documents_ > 0 && source_ == source;
  const std::uint64_t parts =
      size.value_or(document.bytes.size() + document.notes.size() + reason.size());
  return kEntry + parts + (is_named ? 0 : kEntry + source.size());
}

// The input is to end in this batch, and this batch has room for no more of it.
bool Cutter::surplus(const DocumentView& document) const {
  const Cut* cut = recorded();
  if (cut == nullptr || !cut->boundary) return false;
  return surplus_said_ || documents_ >= cut->documents ||
         (documents_ > 0 && (!within_limits(0) || !payload_.has_room_for(document.origin.source)));
}

bool Cutter::accepts(const DocumentView& document, Size size, std::string_view reason) const {
  const Cut* cut = recorded();
  if (documents_ == 0 || (cut != nullptr && cut->boundary)) return true;
  return within_limits(counted(document, size, reason)) &&
         payload_.has_room_for(document.origin.source) &&
         (cut == nullptr || documents_ < cut->documents);
}

void Cutter::put(const DocumentView& document, std::string_view reason, Size size) {
  bytes_ += counted(document, size, reason);
  source_ = document.origin.source;
  if (reason.empty()) {
    payload_.document(documents_, document);
  } else {
    payload_.dead(documents_, document, reason);
  }
  ++documents_;
}

void Cutter::swallow(const DocumentView& document) {
  // One dead letter says it; the rest of the file is left unread, so that the batch stays bounded.
  // It goes under the name of an earlier document where its own source has no room.
  DocumentView named = document;
  if (!payload_.has_room_for(named.origin.source)) named.origin.source = payload_.last_source();
  if (!surplus_said_) put(named, kSurplus, {});
  surplus_said_ = true;
}

void Cutter::add(const DocumentView& document, Size size) {
  if (surplus(document)) return swallow(document);
  put(document, {}, size);
}

void Cutter::add_dead(const DocumentView& document, std::string_view reason, Size size) {
  DOCMILL_CHECK(!reason.empty(), "record {} is dead without a reason", document.origin.record);
  if (surplus(document)) return swallow(document);
  put(document, reason, size);
}

bool Cutter::full() const {
  if (documents_ == 0) return false;
  const Cut* cut = recorded();
  if (cut != nullptr && cut->boundary) return false;
  return !within_limits(PayloadWriter::kEntryBytes + 1) ||
         (cut != nullptr && documents_ >= cut->documents);
}

bool Cutter::closes_when_idle() const { return documents_ > 0 && !replaying(); }

Batch Cutter::finish(std::string position) {
  Batch batch;
  batch.sequence = next_;
  batch.documents = documents_;
  batch.payload = std::make_shared<const std::string>(payload_.take());
  batch.payload_hash = hash64(*batch.payload);
  batch.origin_hash = origin_hash(batch.payload_hash, documents_);
  batch.position = std::move(position);
  documents_ = 0;
  bytes_ = 0;
  surplus_said_ = false;
  ++next_;
  begin_batch();
  return batch;
}

Batch Cutter::close(std::string position) {
  DOCMILL_CHECK(documents_ > 0, "closing the empty batch {}", next_);
  return finish(std::move(position));
}

Batch Cutter::close_early(std::string position) {
  const Cut cut{documents_, false};
  if (recorded() == nullptr || *recorded() != cut) facts_.cuts.push_back({next_, cut});
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

std::vector<Batch> Cutter::boundary(const std::string& end, const std::string& next) {
  auto found = recorded_.lower_bound(next_);
  while (found != recorded_.end() && !found->second.boundary) ++found;
  const bool known = found != recorded_.end();
  // Without a recorded end nothing of the next input was sent; but more of this one may have been.
  const Sequence last = known ? found->first : std::max(next_, replay_until_);
  if (!known) facts_.cuts.push_back({last, {next_ == last ? documents_ : 0, true}});
  std::vector<Batch> batches;
  while (next_ <= last) batches.push_back(finish(next_ == last ? next : end));
  return batches;
}

bool Cutter::caught_up() {
  // What is recorded from here on, and was not met again, is of an input that has shrunk.
  for (auto cut = recorded_.lower_bound(next_); cut != recorded_.end();) {
    facts_.cuts.push_back({cut->first, kNoCut});
    cut = recorded_.erase(cut);
  }
  replay_until_ = 0;
  facts_.reserved = next_ - 1;
  if (documents_ > 0) return plan_ != wanted_;
  begin_batch();
  return false;
}

void Cutter::change(Plan wanted) {
  DOCMILL_CHECK(empty() && !replaying(), "{} documents in batch {}", documents_, next_);
  wanted_ = std::move(wanted);
  begin_batch();
}

ProducerFacts Cutter::take_facts() { return std::exchange(facts_, {}); }

}  // namespace docmill
