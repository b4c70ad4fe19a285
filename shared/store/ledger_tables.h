// LedgerTables: the tables of a sink's ledger within a transaction, whatever they are called there.
//
// In the ledger's own database they have their plain names; in a database of others theirs begin
// with a prefix. '@' stands for it in statements. One thread; lives as long as its transaction.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "shared/store/database.h"
#include "shared/store/file_mark.h"

namespace docmill {

class LedgerTables {
 public:
  static constexpr std::uint32_t kVersion = 3;
  static constexpr std::string_view kPrefix = "docmill_";

  LedgerTables(Transaction& transaction, std::string_view prefix)
      : transaction_(transaction), prefix_(prefix) {}

  // Those that make the tables.
  static std::string statements(std::string_view prefix);
  // Whose ledger it is, in a database of others.
  struct Owner {
    std::string pipeline;
    std::string sink;
    std::string folder;   // of its state
    bool is_new = false;  // the folder does not know yet where its ledger is
  };
  // In a database of others: makes the tables, or fails when they are of another version or owner.
  void make_or_check(const Owner& owner);

  // Makes the tables that are missing where an earlier docmill made the others.
  void make_added();

  void run(std::string_view sql, std::initializer_list<SqlValue> values = {}) {
    transaction_.run(named(sql, prefix_), values);
  }
  void read(std::string_view sql, const std::function<void(const SqlRow&)>& each,
            std::initializer_list<SqlValue> values = {}) {
    transaction_.read(named(sql, prefix_), each, values);
  }
  void put_mark(const FileMark& mark);
  void fail_damaged(std::string_view what) { transaction_.fail_damaged(what); }

 private:
  static std::string named(std::string_view sql, std::string_view prefix);

  Transaction& transaction_;
  std::string_view prefix_;
};

}  // namespace docmill
