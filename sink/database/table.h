// DatabaseTable: a table that documents become rows of - made, or found to fit, and written.
//
// With a key column a row replaces the one of the same key, but never one that is made of a later
// document of the same producer: which document each key has is noted beside the ledger, for as
// long as an earlier one may still come. One thread; a value.
#pragma once

#include <string>
#include <vector>

#include "shared/protocol/ledger_state.h"
#include "shared/runtime/component.h"
#include "shared/store/ledger_store.h"
#include "sink/database/column_values.h"

namespace docmill {

struct TableConfig {
  std::string table;
  std::vector<std::string> columns;
  std::string key;  // one of the columns; empty: rows are only added
};

class DatabaseTable {
 public:
  // Makes the table when it is missing, in the database that has the ledger. Failure: kConfig: the
  // table that is there does not fit, column by column; kUnavailable: it is locked, call again.
  static Result<DatabaseTable> open(LedgerStore& ledger, const TableConfig& config);

  // Failure: kMalformed: the table does not take the row. Any other error fails the transaction.
  Result<void> put(Transaction& transaction, const DocumentId& id,
                   const std::vector<ColumnValue>& row) const;
  // What the facts say that can come no more is forgotten.
  void forget(Transaction& transaction, const LedgerFacts& facts) const;

 private:
  explicit DatabaseTable(const TableConfig& config);

  // Whether the key has no row yet of this document or a later one of the same producer.
  bool is_newer(Transaction& transaction, const DocumentId& id, const ColumnValue& key) const;

  std::size_t key_ = 0;  // its place among the columns
  bool keyed_ = false;
  std::string insert_;
  std::string find_version_;  // of a key, when it is this one or a later one
  std::string note_version_;
  std::string forget_up_to_;
  std::string forget_epoch_;
};

}  // namespace docmill
