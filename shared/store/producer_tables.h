// The tables of producer.db, as rows of a transaction; docs/stores.md draws them.
#pragma once

#include <string>
#include <vector>

#include "shared/protocol/producer_state.h"
#include "shared/store/database.h"

namespace docmill {

extern const DatabaseFormat kProducerFormat;

void put_plan_sinks(Transaction& transaction, const PlanFrom& from);
void put_ledger(Transaction& transaction, const std::string& sink, const KnownLedger& ledger);
void put_facts(Transaction& transaction, const ProducerFacts& facts);
// Deletes what the checkpoint has made superfluous, as `apply` does.
void forget_settled(Transaction& transaction);
void read_producer(Transaction& transaction, ProducerState& state);
void read_ledgers(Transaction& transaction, ProducerState& state);
void read_plans(Transaction& transaction, std::vector<PlanFrom>& plans);

}  // namespace docmill
