#include "producer/batch_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "producer/files/file_documents.h"
#include "shared/base/check.h"
#include "shared/base/hash.h"
#include "shared/document/utf8.h"

namespace docmill {
namespace {

// A step ends after so many documents, or this time, so that the loop looks at its sockets and
// signals in between. Neither closes a batch.
constexpr int kDocumentsOfAStep = 1000;
constexpr Duration kStep = std::chrono::milliseconds(20);
// What was read before is sent when the source has looked for its next document this long.
constexpr Duration kLongBusy = std::chrono::milliseconds(100);
// Room for the path of a file, twice, and what is wrong with it.
constexpr std::size_t kLongestReason = 8192;

}  // namespace

BatchReader::BatchReader(const ProducerState& state, Plan plan, std::optional<Plan> successor,
                         std::vector<SourceComponent> components, SourceContext context)
    : context_(std::move(context)),
      cutter_(state, plan),
      components_(std::move(components)),
      wanted_text_(successor ? successor->source_text : plan.source_text),
      successor_(std::move(successor)) {
  context_.position = state.checkpoint.position;
}

Result<std::unique_ptr<BatchReader>> BatchReader::open(const ProducerState& state, Plan plan,
                                                       std::vector<SourceComponent> components,
                                                       SourceContext context) {
  std::optional<Plan> successor;
  if (!state.plans.empty()) {
    const Plan& last = state.plans.back().plan;
    plan.left = last.left;
    const auto before = kind_of_source(last.source_text, context.producer, components);
    const auto wanted = kind_of_source(plan.source_text, context.producer, components);
    if (!before) return before.error();
    if (!wanted) return wanted.error();
    if (*before != *wanted) {
      successor = plan;
      plan.source_text = last.source_text;
    }
  }
  std::unique_ptr<BatchReader> reader(new BatchReader(state, std::move(plan), std::move(successor),
                                                      std::move(components), std::move(context)));
  if (auto noted = reader->note_spools(state); !noted) return noted.error();
  if (auto opened = reader->follow_plan(); !opened) return opened.error();
  // The source keeps in mind what it could not do about it, and does it when it is served.
  const auto told = reader->settled(state.checkpoint);
  if (!told && told.error().code != ErrorCode::kUnavailable) return told.error();
  return reader;
}

Result<BatchReader::Progress> BatchReader::cannot_follow(const Error& error,
                                                         const std::vector<Batch>& batches) {
  if (error.code == ErrorCode::kUnavailable) return error;
  failure_ = error;
  return batches.empty() ? Progress::kEnded : Progress::kBatches;
}

// Sources keep to the limits themselves, as far as they can tell. A document and its metadata that
// are each within these limits always fit into a message (document_link()).
Source::Next BatchReader::fitted(const Source::Next& next) {
  const Bytes limit = context_.limits.document;
  Source::Next fit = next;
  const bool document = next.state == Source::State::kDocument;
  const std::uint64_t metadata = next.document.notes.size();
  const bool fits = metadata <= largest_metadata(limit).count;
  reason_.clear();
  if (!document) reason_ = fmt::format("producer: {}", utf8_beginning(next.reason, kLongestReason));
  if (document && !fits) reason_ = "producer: " + metadata_reason(metadata, limit);
  if (!fits) fit.document.notes = {};
  const std::string_view bytes = next.document.bytes;
  if (bytes.size() > limit.count) {
    if (document && reason_.empty()) reason_ = "producer: " + oversize_reason(bytes.size(), limit);
    fit.document.bytes = bytes.substr(0, sample_bytes(limit));
    reason_ += fmt::format("; this is its first {} bytes; xxh3 of all of it {:016x}",
                           fit.document.bytes.size(), hash64(bytes));
  }
  fit.reason = reason_;
  fit.state = reason_.empty() ? Source::State::kDocument : Source::State::kDead;
  return fit;
}

void BatchReader::add(const Source::Next& next, std::vector<Batch>& batches) {
  if (next.state == Source::State::kDead) {
    cutter_.add_dead(next.document, next.reason, next.size);
  } else {
    cutter_.add(next.document, next.size);
  }
  source_->take();
  if (cutter_.full()) batches.push_back(cutter_.close(source_->position()));
}

Result<BatchReader::Progress> BatchReader::end(std::vector<Batch>& batches) {
  // The end proves that nothing more can have been sent, just as kCaughtUp does.
  cutter_.caught_up();
  if (!cutter_.empty()) batches.push_back(cutter_.close_early(source_->position()));
  if (successor_) change_source();
  const bool another = cutter_.plan().source_text != source_text_;
  if (auto followed = follow_plan(); !followed) return cannot_follow(followed.error(), batches);
  if (another) return Progress::kMore;
  return batches.empty() ? Progress::kEnded : Progress::kBatches;
}

Result<BatchReader::Progress> BatchReader::idle(std::vector<Batch>& batches) {
  if (cutter_.closes_when_idle()) {
    batches.push_back(cutter_.close_early(source_->position()));
    return Progress::kBatches;
  }
  // A source that is drained to its end says when that is. Until then it may only have been unable
  // to look: its database is locked, for example.
  if (!successor_ || cutter_.replaying() || draining_ == Draining::kToItsEnd) {
    return Progress::kIdle;
  }
  draining_ = Draining::kOver;
  return Progress::kMore;
}

// What was read before does not wait for a source that cannot be read now.
Result<BatchReader::Progress> BatchReader::cannot_read(const Error& error,
                                                       std::vector<Batch>& batches) {
  if (error.code != ErrorCode::kUnavailable || !cutter_.closes_when_idle()) return error;
  batches.push_back(cutter_.close_early(source_->position()));
  return Progress::kBatches;
}

// A cut like that of an idle source: it is recorded before the batch is sent, and a replay takes it
// from the record, however long the source is busy then.
BatchReader::Progress BatchReader::busy(std::vector<Batch>& batches) {
  const Time now = context_.clock.now();
  if (!busy_since_) busy_since_ = now;
  if (now - *busy_since_ < kLongBusy || !cutter_.closes_when_idle()) return Progress::kMore;
  batches.push_back(cutter_.close_early(source_->position()));
  return Progress::kBatches;
}

Result<BatchReader::Progress> BatchReader::step(std::vector<Batch>& batches) {
  const Time until = context_.clock.now() + kStep;
  for (int steps = 0; steps < kDocumentsOfAStep && batches.empty(); ++steps) {
    if (steps > 0 && context_.clock.now() >= until) break;
    if (may_change(batches)) change_source();
    if (auto followed = follow_plan(); !followed) return cannot_follow(followed.error(), batches);
    if (!batches.empty()) break;
    auto next = source_->peek();
    if (!next) return cannot_read(next.error(), batches);
    if (next->state != Source::State::kBusy) busy_since_.reset();
    switch (next->state) {
      case Source::State::kDocument:
      case Source::State::kDead: {
        const Source::Next fit = fitted(*next);
        if (!cutter_.accepts(fit.document, fit.size, fit.reason)) {
          batches.push_back(cutter_.close(source_->position()));
          // The plan may have changed with it, and the source with the plan: look again.
          break;
        }
        add(fit, batches);
        break;
      }
      case Source::State::kBoundary: {
        const std::string end = source_->position();
        source_->take();
        batches = cutter_.boundary(end, source_->position());
        if (draining_ == Draining::kToABoundary) draining_ = Draining::kOver;
        break;
      }
      case Source::State::kCaughtUp:
        source_->take();
        if (cutter_.caught_up()) batches.push_back(cutter_.close_early(source_->position()));
        break;
      case Source::State::kBusy:
        return busy(batches);
      case Source::State::kIdle:
        return idle(batches);
      case Source::State::kEnded:
        return end(batches);
    }
  }
  return batches.empty() ? Progress::kMore : Progress::kBatches;
}

}  // namespace docmill
