// The part of BatchReader that opens its source, changes it, and tells it what is settled.
#include <limits>
#include <utility>

#include "producer/batch_reader.h"
#include "producer/spooled/spooled_source.h"

namespace docmill {
namespace {

constexpr Sequence kNever = std::numeric_limits<Sequence>::max();

}  // namespace

Result<void> BatchReader::note_spools(const ProducerState& state) {
  for (const auto& [first, plan] : state.plans) {
    const auto left = plan.left.find(std::string(kSpooledKind));
    if (left != plan.left.end()) spool_left_.emplace_back(first, left->second);
    const auto kind = kind_of_source(plan.source_text, context_.producer, components_);
    if (!kind) return kind.error();
    if (*kind != kSpooledKind) {
      inlet_from_ = kNever;
    } else if (inlet_from_ == kNever) {
      inlet_from_ = first;
    }
  }
  if (successor_) inlet_from_ = kNever;
  return {};
}

Result<void> BatchReader::follow_plan() {
  const std::string& text = cutter_.plan().source_text;
  if (source_ && source_text_ == text) return {};
  if (source_) context_.position = source_->position();
  const auto settings = parse_source_text(text, component_set("source", components_));
  if (!settings) return settings.error();
  const auto kind = kind_of_source(text, context_.producer, components_);
  if (!kind) return kind.error();
  const bool was_spool = source_ && kind_ == kSpooledKind;
  source_text_ = text;
  kind_ = *kind;
  apply(*settings, context_);
  context_.former = source_text_ != wanted_text_;
  // What a spool gives out does not depend on how it came in.
  if (was_spool && kind_ == kSpooledKind) return {};
  if (was_spool) spool_ = std::move(source_);
  source_.reset();
  return open_source(*settings);
}

Result<void> BatchReader::open_source(const SourceSettings& settings) {
  if (!context_.position.empty() && !context_.position.starts_with(kind_)) {
    // Of the kind before, which was drained, or this plan would not have begun.
    if (context_.position.starts_with(kSpooledKind) && !spool_) {
      // Only to clear it away; everything in it was given out.
      if (auto spool = open_spool_alone(context_)) spool_ = std::move(*spool);
    }
    const auto& left = cutter_.plan().left;
    const auto found = left.find(kind_);
    context_.position = found == left.end() ? "" : found->second;
  }
  if (auto selected = context_.catalog.select(kind_); !selected) return selected;
  if (kind_ == kSpooledKind) spool_.reset();
  const SourceComponent* component = find_listed(components_, settings.source.key);
  auto source =
      kind_ == kSpooledKind ? open_spooled() : component->open(settings.source.config, context_);
  if (!source) return source.error();
  source_ = std::move(*source);
  return settled_ ? settled(Checkpoint(*settled_)) : Result<void>();
}

// Senders do not wait until what was read before is settled: a sink may be away for long.
Result<std::unique_ptr<Source>> BatchReader::open_spooled() {
  if (cutter_.next() < inlet_from_) return open_spool_alone(context_);
  const auto wanted = parse_source_text(wanted_text_, component_set("source", components_));
  if (!wanted) return wanted.error();
  SourceContext context = context_;
  apply(*wanted, context);
  context.former = false;
  return find_listed(components_, wanted->source.key)->open(wanted->source.config, context);
}

Result<void> BatchReader::serve() {
  if (spool_) {
    if (auto served = spool_->serve(); !served) return served;
  }
  return source_ ? source_->serve() : Result<void>();
}

// A checkpoint may pass the end of what the spool has given out without stopping there.
std::string BatchReader::settled_of_spool(const Checkpoint& checkpoint) const {
  if (checkpoint.position.starts_with(kSpooledKind)) return checkpoint.position;
  std::string settled;
  for (const auto& [first, position] : spool_left_) {
    if (first <= checkpoint.sequence + 1) settled = position;
  }
  return settled;
}

Result<void> BatchReader::settled(const Checkpoint& checkpoint) {
  settled_ = checkpoint;
  if (spool_) {
    if (auto told = spool_->settled(settled_of_spool(checkpoint)); !told) return told;
  }
  if (!source_) return {};
  if (kind_ == kSpooledKind) return source_->settled(settled_of_spool(checkpoint));
  return checkpoint.position.starts_with(kind_) ? source_->settled(checkpoint.position)
                                                : Result<void>();
}

bool BatchReader::drain() {
  successor_.reset();
  return source_ && source_->drain();
}

Result<void> BatchReader::take_rest(Time until) {
  auto* spooled = dynamic_cast<SpooledSource*>(source_.get());
  return spooled != nullptr ? spooled->take_rest(until) : Result<void>();
}

void BatchReader::change_source() {
  context_.log.info("the source is another one from batch {} on; the one before was left at '{}'",
                    cutter_.next(), source_->position());
  successor_->left[kind_] = source_->position();
  if (kind_ == kSpooledKind) spool_left_.emplace_back(cutter_.next(), source_->position());
  inlet_from_ = 0;
  cutter_.change(std::move(*successor_));
  successor_.reset();
}

// True: nothing more of source_ is needed, and the batch is empty or was closed.
bool BatchReader::may_change(std::vector<Batch>& batches) {
  if (!source_ || !successor_ || cutter_.replaying()) return false;
  if (draining_ == Draining::kNotBegun) {
    // A file is read to its end: what is left of it would wait for a source that may never return.
    const bool has_end = kind_ == "split " || kind_ == "lines ";
    draining_ = source_->drain() ? Draining::kToItsEnd
                : has_end        ? Draining::kToABoundary
                                 : Draining::kOver;
  }
  if (draining_ != Draining::kOver) return false;
  if (!cutter_.empty()) batches.push_back(cutter_.close_early(source_->position()));
  return true;
}

}  // namespace docmill
