// Database: one connection to a SQLite file of ours, set so that a commit survives a power cut.
//
// One process, one connection, exclusive locking: SQLite before 3.51.3 can lose commits when two
// connections share a file in WAL mode. synchronous=FULL: a commit is synced before it returns.
// A shared one is a file that other programs read and write too: a rollback journal, no lock but
// while a transaction runs, synchronous=EXTRA.
// One thread; a resource; the disk must outlive it. Errors tell what to do: kUnavailable, the disk
// is full or another program has the file open or locked: nothing changed, call again. kCorrupt,
// the file is damaged, is not ours, or the disk failed: the process must end.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "shared/base/result.h"
#include "shared/store/disk.h"

struct sqlite3_stmt;

namespace docmill {

class DiskReserve;

// What a file says it is, and how to make one.
struct DatabaseFormat {
  std::string_view kind;          // for messages: "a sink's ledger"
  std::uint32_t application = 0;  // SQLite's application_id
  std::uint32_t version = 0;      // SQLite's user_version; another one is refused
  const char* tables = nullptr;   // the statements that make the tables
};

struct Blob {
  std::string_view bytes;
};
struct SqlNull {};
// Parameters of a statement: valid during the call. Numbers keep their bits: above 2^63 they are
// negative to SQL, equal to us.
using SqlValue = std::variant<std::uint64_t, std::string_view, Blob, double, SqlNull>;

// A row of a result; valid inside the callback, and so are its texts.
class SqlRow {
 public:
  explicit SqlRow(sqlite3_stmt* statement) : statement_(statement) {}
  std::uint64_t number(int column) const;
  // A text or a blob.
  std::string_view text(int column) const;

 private:
  sqlite3_stmt* statement_;
};

class Transaction;

class Database {
 public:
  // Opens the file or makes it, and checks its pages. What is read afterwards is durable. reserve:
  // for this and for each transaction on a full disk; it must outlive the database; null: none.
  static Result<Database> open(Disk& disk, const std::string& path, const DatabaseFormat& format,
                               DiskReserve* reserve = nullptr);
  // Opens a file that others use too, or makes it. A second process that does so is refused.
  static Result<Database> open_shared(Disk& disk, const std::string& path,
                                      DiskReserve* reserve = nullptr);
  ~Database();
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;

  // All of the steps or, on any Error, none of them. A full disk makes them run again, with the
  // room of the reserve.
  Result<void> transaction(const std::function<void(Transaction&)>& steps);

  const std::string& path() const;

 private:
  friend class Transaction;
  struct Connection;
  Database(std::unique_ptr<Connection> connection, DiskReserve* reserve);
  using Opening = std::function<Result<void>(std::unique_ptr<Connection>&)>;
  static Result<Database> open_with_room(DiskReserve* reserve, const Opening& open);
  Result<void> try_transaction(const std::function<void(Transaction&)>& steps);

  std::unique_ptr<Connection> connection_;
  DiskReserve* reserve_;
};

// The steps of one transaction. After the first Error the further steps do nothing, and the
// transaction ends with that Error. Statements are kept prepared: pass constants.
class Transaction {
 public:
  explicit Transaction(Database::Connection& connection) : connection_(connection) {}

  void run(std::string_view sql, std::initializer_list<SqlValue> values = {});
  void read(std::string_view sql, const std::function<void(const SqlRow&)>& each,
            std::initializer_list<SqlValue> values = {});
  // One change. kMalformed: the table refuses the row; the transaction goes on without it. If the
  // table rolled back everything, the transaction fails with an empty kUnavailable: run it again.
  Result<void> attempt(std::string_view sql, std::span<const SqlValue> values);
  // Statements without parameters, one after the other.
  void run_script(const std::string& sql);
  // How many rows the last statement changed.
  std::uint64_t changes() const;
  // For contents that are not as they must be.
  void fail(Error error);
  void fail_damaged(std::string_view what);

  const Result<void>& result() const { return result_; }
  const std::string& path() const;

 private:
  // What a step may fail for, beside the database.
  enum class Blame { kStatement, kRow };
  Result<void> step(std::string_view sql, std::span<const SqlValue> values,
                    const std::function<void(const SqlRow&)>& each, Blame blame);

  Database::Connection& connection_;
  Result<void> result_;
};

}  // namespace docmill
