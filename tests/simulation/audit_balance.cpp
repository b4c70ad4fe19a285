// The part of Audit that is done at the end: every document exactly once, and totals that agree.
#include <algorithm>

#include "tests/simulation/audit.h"

namespace docmill::simulation {

bool Audit::as_fated(const Tally& tally, Fate fate) const {
  const auto once = [&](End end) { return tally.ends[static_cast<std::size_t>(end)] == 1; };
  const bool twice = fate == Fate::kDeliverTwice || fate == Fate::kTwoKeys;
  if (tally.second_outputs != (twice && once(End::kDelivered) ? 1U : 0U)) return false;
  if (fate == Fate::kPoison) return once(End::kCondemned);
  // It may have been with a poisoned neighbour, or with members that were killed, too often.
  if (once(End::kCondemned)) return true;
  switch (fate) {
    case Fate::kDeliver:
    case Fate::kDeliverTwice:
    case Fate::kFragile:
      return once(End::kDelivered);
    case Fate::kTwoKeys:
      return once(End::kDelivered) || once(End::kMalformed);
    case Fate::kFilter:
      return once(End::kFiltered);
    case Fate::kMalformed:
      return once(End::kMalformed);
    default:
      return once(End::kUnreadable);
  }
}

void Audit::check_document(std::size_t producer, std::size_t file, std::size_t document) {
  Truth& truth = inputs_[producer];
  const Tally& found = tally(truth, file, 0, document);
  const std::uint32_t collisions = found.ends[static_cast<std::size_t>(End::kCollision)];
  // Without boundaries a change of one file shows in the batches that hold some of it.
  const bool may_collide = truth.changed() && !truth.input->boundaries;
  const bool right =
      found.lives() == 1 && as_fated(found, truth.input->files[file].versions[0][document].fate);
  if (right && (collisions == 0 || may_collide)) return;
  if (may_collide && found.lives() == 0 && collisions > 0) return;
  world_.fail(fmt::format(
      "p{} file {} document {} (fate {}): delivered {} (second {}), filtered {}, malformed {}, "
      "unreadable {}, condemned {}, collided {}, surplus {}",
      producer, file, document,
      static_cast<int>(truth.input->files[file].versions[0][document].fate), found.ends[0],
      found.second_outputs, found.ends[1], found.ends[2], found.ends[3], found.ends[4],
      found.ends[5], found.ends[6]));
}

void Audit::check_changed(std::size_t producer, std::size_t file) {
  Truth& truth = inputs_[producer];
  const InputFile& changed = truth.input->files[file];
  bool rest_is_surplus = false;
  for (std::size_t version = 0; version < changed.versions.size(); ++version) {
    for (std::size_t i = 0; i < changed.versions[version].size(); ++i) {
      const Tally& found = tally(truth, file, version, i);
      rest_is_surplus = rest_is_surplus || found.ends[static_cast<std::size_t>(End::kSurplus)] > 0;
      const bool newest = version + 1 == changed.versions.size();
      const bool ended = found.lives() + found.ends[static_cast<std::size_t>(End::kCollision)] > 0;
      if (found.lives() > 1 ||
          (newest && i >= changed.changed_from && !ended && !rest_is_surplus)) {
        world_.fail(fmt::format("p{} changed file {} version {} document {} ended {} times",
                                producer, file, version, i, found.lives()));
      }
    }
  }
}

void Audit::finished(std::size_t producer, const ProducerState& durable) {
  Truth& truth = inputs_[producer];
  std::uint64_t documents = 0;
  for (std::size_t file = 0; file < truth.input->files.size(); ++file) {
    const InputFile& written = truth.input->files[file];
    documents += written.now().size();
    if (written.changed()) {
      check_changed(producer, file);
      continue;
    }
    for (std::size_t i = 0; i < written.now().size(); ++i) check_document(producer, file, i);
  }
  if (!truth.changed() && durable.checkpoint.totals.documents() != documents) {
    world_.fail(fmt::format("p{} counts {} documents, there were {}", producer,
                            durable.checkpoint.totals.documents(), documents));
  }
}

void Audit::ledger(const std::string& sink, const LedgerTotals& totals,
                   const std::vector<Written>& output) {
  LedgerTotals truth;
  for (const Written& written : output) {
    if (written.end == End::kDelivered) ++truth.written;
    if (written.output > 0) continue;
    if (written.end == End::kDelivered) {
      ++truth.delivered;
    } else if (written.end == End::kFiltered) {
      ++truth.filtered;
    } else {
      ++truth.dead;
    }
  }
  if (truth.delivered == totals.delivered && truth.filtered == totals.filtered &&
      truth.dead == totals.dead && truth.written == totals.written) {
    return;
  }
  world_.fail(fmt::format(
      "{} counts {} delivered, {} filtered, {} dead, {} written; there are {}, {}, {}, {}", sink,
      totals.delivered, totals.filtered, totals.dead, totals.written, truth.delivered,
      truth.filtered, truth.dead, truth.written));
}

}  // namespace docmill::simulation
