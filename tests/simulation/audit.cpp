#include "tests/simulation/audit.h"

#include <algorithm>

#include "shared/protocol/owner.h"
#include "shared/protocol/payload.h"

namespace docmill::simulation {

std::size_t number_of(const std::string& name) { return std::stoul(name.substr(1)); }

std::uint32_t Audit::Tally::lives() const {
  std::uint32_t lives = 0;
  for (std::size_t end = 0; end < kEnds; ++end) {
    if (static_cast<End>(end) != End::kCollision) lives += ends[end];
  }
  return lives;
}

bool Audit::Truth::changed() const {
  return std::any_of(input->files.begin(), input->files.end(),
                     [](const InputFile& file) { return file.changed(); });
}

Input& Audit::add_producer() {
  inputs_.emplace_back().input = std::make_unique<Input>();
  inputs_.back().input->producer = inputs_.size() - 1;
  return *inputs_.back().input;
}

Audit::Tally& Audit::tally(Truth& truth, std::size_t file, std::size_t version,
                           std::size_t document) {
  std::vector<Tally>& tallies = truth.tallies[{file, version}];
  if (tallies.size() <= document) tallies.resize(document + 1);
  return tallies[document];
}

void Audit::begin_epoch(std::size_t producer, std::uint64_t epoch) {
  Truth& truth = inputs_[producer];
  truth.epoch = epoch;
  truth.begun.clear();
  // What the old one has cut is still on its way; that it was settled says nothing any more.
  for (auto& [unused, batch] : truth.batches) batch.settled.assign(batch.settled.size(), false);
  truth.sent.clear();
  truth.condemned.clear();
  truth.voided.clear();
  truth.tallies.clear();
  truth.checked = {};
  truth.checkpoint = 0;
  truth.last.clear();
}

void Audit::cut(std::size_t producer, const Batch& batch) {
  CutBatch& known = inputs_[producer].batches[{batch.sequence, batch.origin_hash}];
  if (!known.documents.empty()) return;
  known.documents.resize(batch.documents);
  known.settled.resize(batch.documents);
  PayloadReader reader(*batch.payload);
  Entry entry;
  for (auto more = reader.next(entry); more.ok() && *more; more = reader.next(entry)) {
    known.documents[entry.index] = parse_name(entry.document.bytes);
  }
}

std::string Audit::bytes_of(std::size_t producer, Sequence sequence, std::uint64_t origin_hash,
                            std::uint32_t index) const {
  const Truth& truth = inputs_[producer];
  const DocumentName& name = truth.batches.at({sequence, origin_hash}).documents[index];
  return truth.input->files[name.file].versions[name.version][name.document].bytes;
}

void Audit::sent(std::size_t producer, const BatchHeader& header, const ProducerState& durable) {
  Truth& truth = inputs_[producer];
  if (header.sequence > durable.reserved) {
    world_.fail(fmt::format("p{} sends batch {}, but only {} are reserved on its disk", producer,
                            header.sequence, durable.reserved));
  }
  if (header.checkpoint > durable.checkpoint.sequence) {
    world_.fail(fmt::format("p{} tells checkpoint {}, but {} is on its disk", producer,
                            header.checkpoint, durable.checkpoint.sequence));
  }
  const auto [known, is_new] = truth.sent.try_emplace(
      header.sequence,
      SentBatch{header.sinks, header.keyed, header.processors, header.origin_hash});
  if (is_new) return;
  SentBatch& before = known->second;
  if (before.sinks != header.sinks || before.keyed != header.keyed ||
      before.processors != header.processors) {
    world_.fail(
        fmt::format("p{} batch {} goes by another plan than before", producer, header.sequence));
  }
  if (before.origin_hash != header.origin_hash && !truth.changed()) {
    world_.fail(
        fmt::format("p{} batch {} holds other documents than before", producer, header.sequence));
  }
}

void Audit::condemned(std::size_t producer, const BatchHeader& header, std::size_t deaths,
                      std::size_t needed) {
  auto& known = inputs_[producer].condemned;
  const std::tuple document(header.sequence, header.origin_hash, header.share[0].begin);
  if (deaths >= needed) {
    known.insert(document);
    return;
  }
  // A sink still has it from an earlier run.
  if (header.keyed && known.contains(document)) {
    ++world_.coverage.void_met;
    return;
  }
  world_.fail(fmt::format("p{} condemns document {} of batch {} after {} deaths, {} are needed",
                          producer, header.share[0].begin, header.sequence, deaths, needed));
}

void Audit::checkpoint(std::size_t producer, const Checkpoint& durable) {
  Truth& truth = inputs_[producer];
  truth.checkpoint = durable.sequence;
  const Place place = Place::parse(durable.position);
  const Input& input = *truth.input;
  for (; truth.checked < place; ++truth.checked.document) {
    while (truth.checked.document >=
           input.files[input.catalogue[truth.checked.file]].now().size()) {
      truth.checked = {truth.checked.file + 1, 0};
      if (truth.checked >= place) return;
    }
    const std::size_t file = input.catalogue[truth.checked.file];
    if (input.files[file].changed()) continue;
    const Tally& found = tally(truth, file, 0, truth.checked.document);
    if (found.lives() + found.ends[static_cast<std::size_t>(End::kCollision)] == 0) {
      world_.fail(fmt::format("p{} checkpoint {} is ahead: file {} document {} is not durable",
                              producer, durable.sequence, file, truth.checked.document));
    }
  }
}

// Where outputs are keyed, all of an input is where its key is, and what has none at the owner of
// its batch.
void Audit::check_sink(const Truth& truth, const std::string& sink, const Written& written,
                       const DocumentName& name) {
  const auto sent = truth.sent.find(written.sequence);
  if (sent == truth.sent.end() || written.end == End::kCollision) return;
  const std::vector<std::string>& sinks = sent->second.sinks;
  const Lineage lineage{fmt::format("p{}", written.producer), written.epoch};
  const bool keyed = sent->second.keyed;
  const auto key = keyed && written.end == End::kDelivered ? key_of(name) : std::nullopt;
  const std::string& owner =
      key ? owner_of_key(*key, sinks) : owner_of(lineage, written.sequence, sinks);
  const bool two_keys = static_cast<Fate>(name.fate) == Fate::kTwoKeys;
  if (two_keys && written.end == (keyed ? End::kDelivered : End::kMalformed)) {
    world_.fail(fmt::format("{} writes a document with two keys as it should not", sink));
  }
  if (sink == owner) return;
  world_.fail(fmt::format("{} writes document {} of batch {} of p{}, which is {}'s", sink,
                          written.index, written.sequence, written.producer, owner));
}

// What collided with a changed file has no place in it, and what was changed may have moved.
void Audit::check_order(Truth& truth, const std::string& sink, const Written& written) {
  if (truth.changed() || written.end == End::kCollision) return;
  const Line line(written.sequence, written.index, written.output);
  Line& last = truth.last[sink];
  if (line <= last) {
    world_.fail(fmt::format(
        "{} writes document {} of batch {} of p{} after document {} of batch {}", sink,
        written.index, written.sequence, written.producer, std::get<1>(last), std::get<0>(last)));
  }
  last = line;
}

void Audit::committed(const std::string& sink, WriteOrder order, const Written& written) {
  Truth& truth = inputs_[written.producer];
  if (written.epoch != truth.epoch) {
    if (!truth.begun.contains(sink)) return;
    return world_.fail(fmt::format("{} writes batch {} of a closed epoch of p{}", sink,
                                   written.sequence, written.producer));
  }
  truth.begun.insert(sink);
  if (order == WriteOrder::kSource) check_order(truth, sink, written);
  const auto batch = truth.batches.find({written.sequence, written.origin_hash});
  if (batch == truth.batches.end()) {
    return world_.fail(
        fmt::format("p{} batch {} was written but never cut", written.producer, written.sequence));
  }
  batch->second.settled[written.index] = true;
  const DocumentName& name = batch->second.documents[written.index];
  check_sink(truth, sink, written, name);
  const InputFile& file = truth.input->files[name.file];
  if (written.end != End::kFiltered &&
      written.bytes != file.versions[name.version][name.document].bytes) {
    world_.fail(fmt::format("p{} file {} document {} was written as '{}'", written.producer,
                            name.file, name.document, written.bytes));
  }
  Tally& found = tally(truth, name.file, name.version, name.document);
  if (written.output > 0) {
    ++found.second_outputs;
  } else {
    ++found.ends[static_cast<std::size_t>(written.end)];
  }
  if (written.end == End::kCollision) ++world_.coverage.collisions;
  if (written.end == End::kSurplus) ++world_.coverage.surplus;
}

std::size_t Audit::producer_of(const Lineage& lineage) { return number_of(lineage.producer); }

void Audit::acked(const Ack& ack) {
  Truth& truth = inputs_[producer_of(ack.lineage)];
  if (ack.lineage.epoch != truth.epoch) return;
  for (const Ack::Entry& entry : ack.entries) {
    if (entry.sequence <= truth.checkpoint) continue;
    const auto batch = truth.batches.find({entry.sequence, entry.origin_hash});
    for (const SettledSpan& span : entry.settled) {
      for (std::uint32_t index = span.begin; index < span.end; ++index) {
        if (span.outcome == Outcome::kVoid) {
          truth.voided[ack.sink].emplace(entry.sequence, entry.origin_hash, index);
          continue;
        }
        if (batch != truth.batches.end() && batch->second.settled[index]) continue;
        world_.fail(fmt::format("{} acks document {} of batch {}, which is not durable there",
                                ack.sink, index, entry.sequence));
      }
    }
  }
}

void Audit::started(const std::string& sink, const LedgerState& durable) {
  for (const auto& [lineage, ledger] : durable.lineages) {
    const Truth& truth = inputs_[producer_of(lineage)];
    const auto voided = truth.voided.find(sink);
    if (lineage.epoch != truth.epoch || voided == truth.voided.end()) continue;
    for (const auto& [sequence, hash, index] : voided->second) {
      if (sequence <= std::max(ledger.watermark, truth.checkpoint)) continue;
      const auto known = ledger.entries.find(sequence);
      const bool has = known != ledger.entries.end() &&
                       std::any_of(known->second.begin(), known->second.end(),
                                   [&, hash = hash, index = index](const LedgerEntry& entry) {
                                     return entry.origin_hash == hash &&
                                            entry.settled.missing({{index, index + 1}}).empty();
                                   });
      if (has) continue;
      world_.fail(fmt::format("{} has forgotten that document {} of batch {} of {} is void", sink,
                              index, sequence, lineage.producer));
    }
  }
}

}  // namespace docmill::simulation
