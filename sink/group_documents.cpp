#include "sink/group_documents.h"

#include "shared/base/check.h"

namespace docmill {

void GroupDocuments::watch(const Output& output, const std::string& place) {
  if (output.can_reject()) given_.emplace(&output, Given{place, {}});
}

void GroupDocuments::keep(const BatchHeader& header, const Entry& entry,
                          const std::vector<Output*>& takers) {
  bool watched = false;
  for (const Output* output : takers) {
    const auto given = given_.find(output);
    if (given == given_.end()) continue;
    given->second.documents.push_back(documents_.size());
    watched = true;
  }
  if (!watched) return;
  const bool same = !headers_.empty() && headers_.back().lineage == header.lineage &&
                    headers_.back().sequence == header.sequence &&
                    headers_.back().origin_hash == header.origin_hash;
  if (!same) headers_.push_back(header);
  const DocumentView& document = entry.document;
  documents_.push_back({.header = headers_.size() - 1,
                        .index = entry.index,
                        .format = document.format,
                        .origin = document.origin,
                        .source = std::string(document.origin.source),
                        .notes = std::string(document.notes),
                        .bytes = std::string(document.bytes)});
}

std::size_t GroupDocuments::bury(const Output& output, const std::vector<Rejected>& rejected,
                                 LedgerCore& core, DeadLetters& dead_letters) {
  std::size_t buried = 0;
  const Given& given = given_.at(&output);
  for (const Rejected& one : rejected) {
    DOCMILL_CHECK(one.number < given.documents.size(), "{} rejects document {} of {}", given.place,
                  one.number, given.documents.size());
    Kept& kept = documents_[given.documents[one.number]];
    if (kept.dead) continue;
    kept.dead = true;
    ++buried;
    Origin origin = kept.origin;
    origin.source = kept.source;
    const BatchHeader& header = headers_[kept.header];
    dead_letters.add(
        header, {EntryKind::kDead, kept.index, {kept.format, kept.bytes, origin, kept.notes}, {}},
        given.place + ": " + one.reason);
    core.reject(header, kept.index);
  }
  return buried;
}

void GroupDocuments::clear() {
  for (auto& [output, given] : given_) given.documents.clear();
  headers_.clear();
  documents_.clear();
}

}  // namespace docmill
