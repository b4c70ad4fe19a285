#include "tests/support/daemons/feeder.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "shared/document/notes.h"
#include "shared/protocol/payload.h"

namespace docmill::daemons {
namespace {

using std::chrono::milliseconds;

constexpr Duration kResend = milliseconds(3000);
constexpr Run kRun = {1, 9};

}  // namespace

Feeder::Feeder(const FeederSettings& settings, simulation::Dice& dice, const Clock& clock)
    : settings_(settings), dice_(dice), clock_(clock) {
  for (std::uint32_t i = 1; i <= settings_.producers; ++i) {
    const std::string name = fmt::format("p{}", i);
    producers_[name].lineage = {name, 7};
  }
}

Feeder::Input Feeder::make_input(const Producer& producer, Sequence sequence, std::uint32_t index) {
  ++inputs_;
  Input input;
  const bool filtered = settings_.alternates ? index % 2 == 0 : dice_.chance(10);
  const std::size_t parts = filtered ? 1 : dice_.chance(10) ? 2 : 1;
  const bool malformed = !filtered && parts == 1 && dice_.chance(5);
  for (std::size_t part = 0; part < parts; ++part) {
    FedDocument document;
    document.filtered = filtered;
    document.malformed = malformed;
    document.n = dice_.below(1000);
    document.id = fmt::format("{}.{}.{}.{}", producer.lineage.producer, sequence, index, part);
    if (!settings_.routes.empty() && dice_.chance(80))
      document.route = dice_.pick(settings_.routes);
    document.bytes = fmt::format(R"({{"id":"{}","n":{},"pad":"{}"}})", document.id, document.n,
                                 std::string(dice_.below(settings_.padding + 1), 'x'));
    documents_.push_back(document);
    input.documents.push_back(std::move(document));
  }
  return input;
}

void Feeder::cut(Producer& producer) {
  const Sequence sequence = ++producer.cut;
  Batch& batch = producer.batches[sequence];
  const auto documents = static_cast<std::uint32_t>(dice_.between(1, settings_.documents));
  for (std::uint32_t i = 0; i < documents; ++i) {
    batch.inputs.push_back(make_input(producer, sequence, i));
  }
  batch.settled.resize(documents);
}

Feeder::Message Feeder::encode_batch(const Producer& producer, Sequence sequence,
                                     const Batch& batch) const {
  PayloadWriter writer;
  BatchHeader header;
  for (std::uint32_t index = 0; index < batch.inputs.size(); ++index) {
    if (batch.settled[index]) continue;
    if (header.share.empty() || header.share.back().end != index)
      header.share.push_back({index, index});
    header.share.back().end = index + 1;
    for (const FedDocument& document : batch.inputs[index].documents) {
      const Origin origin{"in.json", index, 0, 0};
      if (document.filtered) {
        writer.filtered(index);
      } else if (document.malformed) {
        writer.dead(index, {Format::kJson, document.bytes, origin, {}}, "select: broken");
      } else {
        writer.begin_document(index, Format::kJson, origin) += document.bytes;
        std::string notes;
        if (!document.route.empty()) set_note(notes, kRouteNote, document.route);
        writer.end_document(notes);
      }
    }
  }
  header.processed = true;
  header.sink = "s1";
  header.lineage = producer.lineage;
  header.run = kRun;
  header.sequence = sequence;
  header.attempt = batch.attempt;
  header.documents = static_cast<std::uint32_t>(batch.inputs.size());
  header.sinks = {"s1"};
  header.ledgers = {{ledger_.id, ledger_.life.number, ledger_.commit, 0}};
  header.checkpoint = producer.checkpoint;
  header.previous = settings_.in_order ? sequence - 1 : 0;
  header.origin_hash = 100 + sequence;
  Message message{{}, writer.take()};
  message.header = encode(header, message.payload);
  return message;
}

void Feeder::send(Producer& producer, Sequence sequence, Batch& batch) {
  ++batch.attempt;
  ++sends_;
  batch.due = clock_.now() + kResend * std::min(batch.attempt, 8U);
  const bool wild = settings_.wild;
  if (wild && dice_.chance(5)) return;  // lost
  Message message = encode_batch(producer, sequence, batch);
  const auto delay = [&] {
    return wild && dice_.chance(10) ? dice_.time(milliseconds(1), milliseconds(9000))
                                    : dice_.time(Duration{1000}, milliseconds(4));
  };
  if (wild && dice_.chance(5)) on_the_way_.emplace(clock_.now() + delay(), message);
  on_the_way_.emplace(clock_.now() + delay(), std::move(message));
}

void Feeder::turn() {
  const Time now = clock_.now();
  for (auto& [name, producer] : producers_) {
    while (producer.cut < settings_.batches && producer.batches.size() < settings_.window) {
      cut(producer);
    }
    for (auto& [sequence, batch] : producer.batches) {
      if (batch.due <= now && !batch.complete) send(producer, sequence, batch);
    }
  }
}

bool Feeder::receive(std::vector<Frame>& message) {
  if (!has_message()) return false;
  const Message first = std::move(on_the_way_.begin()->second);
  on_the_way_.erase(on_the_way_.begin());
  message.clear();
  message.push_back(Frame::copy(first.header));
  message.push_back(Frame::copy(first.payload));
  return true;
}

void Feeder::on_death() {
  const Time now = clock_.now();
  on_the_way_.erase(on_the_way_.begin(), on_the_way_.upper_bound(now));
}

void Feeder::send(const Ack& ack, Time) {
  if (deaf_ || (settings_.wild && dice_.chance(5))) return;
  settle(ack);
}

void Feeder::settle(const Ack& ack) {
  largest_ack_ = std::max(largest_ack_, encode(ControlRecord(ack), {}).size());
  Producer& producer = producers_.at(ack.lineage.producer);
  if (ack.ledger.commit < ledger_.commit && failure_.empty()) {
    failure_ = fmt::format("the sink acknowledges commit {} after commit {}", ack.ledger.commit,
                           ledger_.commit);
  }
  ledger_ = ack.ledger;
  for (const Ack::Entry& entry : ack.entries) {
    const auto found = producer.batches.find(entry.sequence);
    if (found == producer.batches.end()) continue;
    Batch& batch = found->second;
    for (const SettledSpan& span : entry.settled) {
      for (std::uint32_t i = span.begin; i < span.end; ++i) batch.settled[i] = true;
    }
    batch.complete =
        std::find(batch.settled.begin(), batch.settled.end(), false) == batch.settled.end();
    if (entry.early == Early::kDropped) batch.due = clock_.now() + milliseconds(50);
  }
  while (!producer.batches.empty() && producer.batches.begin()->second.complete) {
    producer.checkpoint = producer.batches.begin()->first;
    producer.batches.erase(producer.batches.begin());
  }
}

void Feeder::send(const Refusal& refusal, Time) {
  if (!deaf_ && failure_.empty()) failure_ = "the sink refuses its producer: " + refusal.text;
}

void Feeder::on_acks_lost(const std::string&, Time) {}

bool Feeder::done() const {
  return std::all_of(producers_.begin(), producers_.end(), [this](const auto& one) {
    return one.second.cut == settings_.batches && one.second.batches.empty();
  });
}

bool Feeder::has_message() const {
  return !on_the_way_.empty() && on_the_way_.begin()->first <= clock_.now();
}

Time Feeder::next() const {
  Time next = clock_.now() + std::chrono::seconds(5);
  if (!on_the_way_.empty()) next = std::min(next, on_the_way_.begin()->first);
  for (const auto& [name, producer] : producers_) {
    for (const auto& [sequence, batch] : producer.batches) {
      if (!batch.complete) next = std::min(next, batch.due);
    }
  }
  return next;
}

}  // namespace docmill::daemons
