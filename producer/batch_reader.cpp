#include "producer/batch_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "producer/files/file_documents.h"
#include "shared/base/check.h"
#include "shared/base/hash.h"
#include "shared/document/utf8.h"

namespace docmill {
namespace {

// Documents of one step, so that the loop looks at its sockets in between.
constexpr int kDocumentsOfAStep = 1000;
// Room for the path of a file, twice, and what is wrong with it.
constexpr std::size_t kLongestReason = 8192;

}  // namespace

BatchReader::BatchReader(const ProducerState& state, Plan plan, SourceContext context)
    : context_(std::move(context)),
      cutter_(state, plan),
      components_(source_components()),
      wanted_text_(std::move(plan.source_text)) {
  context_.position = state.checkpoint.position;
}

Result<std::unique_ptr<BatchReader>> BatchReader::open(const ProducerState& state, Plan plan,
                                                       SourceContext context) {
  std::unique_ptr<BatchReader> reader(new BatchReader(state, std::move(plan), std::move(context)));
  if (auto opened = reader->follow_plan(); !opened) return opened.error();
  return reader;
}

Result<void> BatchReader::follow_plan() {
  if (source_ && source_text_ == cutter_.plan().source_text) return {};
  if (source_) context_.position = source_->position();
  source_.reset();
  source_text_ = cutter_.plan().source_text;
  auto chosen = parse_component(source_text_, component_set("source", components_));
  if (!chosen) return chosen.error();
  const SourceComponent* component = find_listed(components_, chosen->key);
  DOCMILL_CHECK(component != nullptr, "no source is called {}", chosen->key);
  context_.former = source_text_ != wanted_text_;
  auto source = component->open(chosen->config, context_);
  if (!source) return source.error();
  source_ = std::move(*source);
  return settled_.empty() ? Result<void>() : source_->settled(settled_);
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
  const bool another = cutter_.plan().source_text != source_text_;
  if (auto followed = follow_plan(); !followed) return followed.error();
  if (another) return Progress::kMore;
  return batches.empty() ? Progress::kEnded : Progress::kBatches;
}

Result<BatchReader::Progress> BatchReader::step(std::vector<Batch>& batches) {
  for (int steps = 0; steps < kDocumentsOfAStep && batches.empty(); ++steps) {
    if (auto followed = follow_plan(); !followed) return followed.error();
    auto next = source_->peek();
    if (!next) return next.error();
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
        break;
      }
      case Source::State::kCaughtUp:
        source_->take();
        if (cutter_.caught_up()) batches.push_back(cutter_.close_early(source_->position()));
        break;
      case Source::State::kIdle:
        if (cutter_.closes_when_idle()) {
          batches.push_back(cutter_.close_early(source_->position()));
          break;
        }
        return Progress::kIdle;
      case Source::State::kEnded:
        return end(batches);
    }
  }
  return batches.empty() ? Progress::kMore : Progress::kBatches;
}

}  // namespace docmill
