#include "sink/group_documents.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/base/check.h"

namespace docmill {

GroupDocuments::GroupDocuments(const std::vector<std::unique_ptr<Output>>& outputs,
                               const std::vector<std::string>& places, const OutputRoutes& routes) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    takers_.push_back({.output = outputs[i].get(), .place = places[i], .waiting = {}, .given = {}});
  }
  // An output that waits for others on one route waits on all, or documents would overtake others.
  for (const std::vector<Output*>* list : routes.all()) {
    for (Taker& taker : takers_) {
      const bool takes = std::find(list->begin(), list->end(), taker.output) != list->end();
      taker.waits |= takes && std::any_of(list->begin(), list->end(), [&](const Output* other) {
                       return other->rejects() < taker.output->rejects();
                     });
    }
  }
  for (const std::vector<Output*>* list : routes.all()) plans_.emplace(list, plan(*list));
}

GroupDocuments::Plan GroupDocuments::plan(const std::vector<Output*>& list) const {
  Plan plan;
  for (std::size_t i = 0; i < takers_.size(); ++i) {
    const Taker& taker = takers_[i];
    if (std::find(list.begin(), list.end(), taker.output) == list.end()) continue;
    plan.takers.push_back(i);
    plan.keeps |= taker.waits || taker.output->rejects() != Rejects::kNever;
  }
  return plan;
}

bool GroupDocuments::has(Rejects when) const {
  return std::any_of(takers_.begin(), takers_.end(),
                     [&](const Taker& taker) { return taker.output->rejects() == when; });
}

DocumentView GroupDocuments::Kept::view() const {
  DocumentView view{format, bytes, origin, notes};
  view.origin.source = source;
  return view;
}

void GroupDocuments::add(const BatchHeader& header, const DocumentId& id, const Entry& entry,
                         const std::vector<Output*>& takers, std::size_t published) {
  const Plan& plan = plans_.at(&takers);
  const std::size_t number = plan.keeps ? keep(header, id, entry, published) : 0;
  for (const std::size_t i : plan.takers) {
    Taker& taker = takers_[i];
    if (taker.waits) {
      taker.waiting.push_back(number);
      continue;
    }
    if (taker.output->rejects() != Rejects::kNever) taker.given.push_back(number);
    taker.output->add(id, entry.document);
  }
}

std::size_t GroupDocuments::keep(const BatchHeader& header, const DocumentId& id,
                                 const Entry& entry, std::size_t published) {
  const bool same = !headers_.empty() && headers_.back().lineage == header.lineage &&
                    headers_.back().sequence == header.sequence &&
                    headers_.back().origin_hash == header.origin_hash;
  if (!same) headers_.push_back(header);
  const DocumentView& document = entry.document;
  documents_.push_back({.header = headers_.size() - 1,
                        .index = entry.index,
                        .part = id.part,
                        .format = document.format,
                        .origin = document.origin,
                        .source = std::string(document.origin.source),
                        .notes = std::string(document.notes),
                        .bytes = std::string(document.bytes),
                        .published = published});
  return documents_.size() - 1;
}

std::size_t GroupDocuments::waiting(const Output& output) const {
  const auto found = std::find_if(takers_.begin(), takers_.end(),
                                  [&](const Taker& taker) { return taker.output == &output; });
  return found == takers_.end() ? 0 : found->waiting.size();
}

void GroupDocuments::give(Rejects when) {
  for (Taker& taker : takers_) {
    if (taker.output->rejects() != when) continue;
    for (const std::size_t number : taker.waiting) {
      Kept& kept = documents_[number];
      if (kept.dead) continue;
      const BatchHeader& header = headers_[kept.header];
      taker.output->add(
          {header.lineage.producer, header.lineage.epoch, header.sequence, kept.index, kept.part},
          kept.view());
      if (when == Rejects::kNever) {
        kept.handed_on = true;
      } else {
        taker.given.push_back(number);
      }
    }
    taker.waiting.clear();
  }
}

Result<void> GroupDocuments::collect(Rejects when, const Books& books) {
  for (Taker& taker : takers_) {
    if (taker.output->rejects() != when) continue;
    for (const Rejected& rejected : taker.output->take_rejected()) {
      if (auto buried = bury(taker, rejected, books); !buried) return buried;
    }
  }
  settle_dead(books.core);
  return {};
}

Result<void> GroupDocuments::bury(const Taker& taker, const Rejected& rejected,
                                  const Books& books) {
  DOCMILL_CHECK(rejected.number < taker.given.size(), "{} rejects document {} of {}", taker.place,
                rejected.number, taker.given.size());
  Kept& kept = documents_[taker.given[rejected.number]];
  if (kept.dead) return {};
  const BatchHeader& header = headers_[kept.header];
  if (kept.handed_on) {
    return corrupt(fmt::format(
        "{}: document {} of batch {} of {} was rejected after other outputs had it ({}); expected "
        "the same answer as before the transaction was rolled back; start the sink again, which "
        "writes the batch from the start",
        taker.place, kept.index, header.sequence, header.lineage.producer, rejected.reason));
  }
  kept.dead = true;
  books.dead_letters.add(header, {EntryKind::kDead, kept.index, kept.view(), {}},
                         taker.place + ": " + rejected.reason);
  if (books.publisher != nullptr) books.publisher->remove(kept.published);
  dead_.push_back(taker.given[rejected.number]);
  return {};
}

// All dead documents of a batch at once: each call costs the core a look at the whole batch.
void GroupDocuments::settle_dead(LedgerCore& core) {
  // Servers answer in any order.
  std::sort(dead_.begin(), dead_.end());
  std::vector<std::uint32_t> inputs;
  for (std::size_t i = 0; i < dead_.size(); ++i) {
    const Kept& kept = documents_[dead_[i]];
    inputs.push_back(kept.index);
    if (i + 1 < dead_.size() && documents_[dead_[i + 1]].header == kept.header) continue;
    std::sort(inputs.begin(), inputs.end());
    core.reject(headers_[kept.header], inputs);
    inputs.clear();
  }
  dead_.clear();
}

void GroupDocuments::clear() {
  for (Taker& taker : takers_) {
    taker.waiting.clear();
    taker.given.clear();
  }
  headers_.clear();
  documents_.clear();
}

}  // namespace docmill
