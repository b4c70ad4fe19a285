#include "transformer/loss_report.h"

#include "shared/document/notes.h"

namespace docmill {

void LossReport::note(Losses losses, const DocumentView& document, Emitter& emitter) {
  if (const auto before = find_note(document.notes, kLossNote)) losses.add(Losses::parse(*before));
  emitter.note(kLossNote, losses.text());
}

void LossReport::log(Losses losses, const DocumentView& document) {
  if (log_ == nullptr) return;
  // The 1st, the 2nd, the 4th, the 8th: a log is for reading.
  if (++documents_ < next_) return;
  next_ *= 2;
  log_->warn("{}: {} record {} lost: {}; {} documents so far", name_, document.origin.source,
             document.origin.record, losses.text(), documents_);
}

}  // namespace docmill
