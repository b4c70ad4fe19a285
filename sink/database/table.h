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

struct KeyColumn;

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

  // The rules of a table that decide how its rows are written. Its owner may change them between
  // two transactions.
  struct Rules {
    bool triggers = false;   // somewhere in the database
    bool conflicts = false;  // its constraints may have clauses ON CONFLICT
  };
  Rules rules(Transaction& transaction) const;
  // Failure: kMalformed: the table does not take the row, and nothing of it is left. Any other
  // error fails the transaction. rules: read in the same transaction.
  Result<void> put(Transaction& transaction, const Rules& rules, const DocumentId& id,
                   const std::vector<ColumnValue>& row) const;
  // What the facts say that can come no more is forgotten.
  void forget(Transaction& transaction, const LedgerFacts& facts) const;

 private:
  DatabaseTable(const TableConfig& config, const KeyColumn& key);

  // Whether the key has no row yet of this document or a later one of the same producer.
  bool is_newer(Transaction& transaction, const DocumentId& id, const ColumnValue& key) const;
  Result<void> insert(Transaction& transaction, const Rules& rules,
                      const std::vector<ColumnValue>& row) const;

  std::size_t key_ = 0;  // its place among the columns
  bool keyed_ = false;
  std::string table_;
  std::string insert_;           // what triggers do follows their own clauses ON CONFLICT
  std::string insert_or_abort_;  // all clauses ON CONFLICT mean ABORT, those in triggers too
  std::string find_version_;     // of a key, when it is this one or a later one
  std::string note_version_;
  std::string forget_up_to_;
  std::string forget_epoch_;
};

}  // namespace docmill
