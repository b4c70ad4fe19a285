#include "tests/support/daemons/bugged_links.h"

#include <algorithm>
#include <span>

#include "shared/protocol/header.h"

namespace docmill::daemons {

bool BlindLinks::receive(std::vector<Frame>& message) {
  if (!batches_.receive(message)) return false;
  auto header = decode_header(message[0].bytes(), message[1].bytes());
  if (!header) return true;
  for (ExpectedLedger& ledger : header->ledgers) ledger.life = ledger.commit = 0;
  message[0] = Frame::copy(encode(*header, message[1].bytes()));
  return true;
}

void BlindLinks::send(const Ack& ack, Time now) {
  Ack said = ack;
  if (ack.ledger.id == newest_.id) said.ledger = newest_;
  newest_ = said.ledger;
  producers_.send(said, now);
}

bool EarlyAcks::receive(std::vector<Frame>& message) {
  if (!batches_.receive(message)) return false;
  const auto header = decode_header(message[0].bytes(), message[1].bytes());
  if (!header || ledger_.id == 0) return true;
  Ack ack{sink_, ledger_, header->lineage, header->run, {}};
  Ack::Entry entry{header->sequence, header->attempt, header->origin_hash, {}, Early::kNo};
  for (const Span& span : header->share) {
    entry.settled.push_back({span.begin, span.end, Outcome::kDelivered});
  }
  ack.entries.push_back(std::move(entry));
  producers_.send(ack, clock_.now());
  return true;
}

void EarlyAcks::send(const Ack& ack, Time now) {
  ledger_ = ack.ledger;
  producers_.send(ack, now);
}

void UnsplitAcks::put(const std::string& producer, const ControlRecord& record, Time now) {
  const auto link = links_.find(producer);
  Frame frame = Frame::copy(encode(record, {pipeline_, producer}));
  if (link != links_.end()) link->second->send(std::span(&frame, 1), now);
}

void GrowingAcks::send(const Ack& ack, Time now) {
  for (const Ack::Entry& entry : ack.entries) {
    const std::size_t spans = entry.settled.size();
    const std::size_t step = std::max<std::size_t>(spans / 256, 1);
    for (std::size_t said = step; said < spans; said += step) {
      Ack part{ack.sink, ack.ledger, ack.lineage, ack.run, {entry}};
      part.entries.front().settled.resize(said);
      producers_.send(part, now);
    }
  }
  producers_.send(ack, now);
}

}  // namespace docmill::daemons
