// RowReader: reads the rows of a query from somebody else's SQLite database, in pieces, each from
// where the one before it ended. Nothing is written, and nothing is locked between two pieces.
//
// One thread at a time, but for cancel(); a resource. Errors: kUnavailable, another program has the
// database locked: call again; kConfig, the query is none, or its rows are not in the order of the
// cursor.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "shared/base/result.h"

namespace docmill {

struct RowBlob {
  std::string bytes;
  auto operator<=>(const RowBlob&) const = default;
};
using RowValue = std::variant<std::monostate, std::int64_t, double, std::string, RowBlob>;
using Row = std::vector<RowValue>;

struct RowQuery {
  std::string path;
  std::string sql;     // with :cursor
  std::string cursor;  // the column that the next piece's :cursor is taken from
};

class RowReader {
 public:
  static Result<RowReader> open(const RowQuery& query);
  ~RowReader();
  RowReader(RowReader&&) noexcept;
  RowReader& operator=(RowReader&&) noexcept;

  // The first rows with that :cursor, a good thousand of them or four megabytes; none: there are no
  // more now.
  Result<std::vector<Row>> after(const RowValue& cursor);
  // The last after() failed by the database itself, not by the rows that it gave: while somebody
  // puts another one in its place it may be cut short, or have no table yet. Open it again then.
  bool has_failed() const;
  // From any thread: a query that runs ends soon, as kUnavailable, and so does every later one.
  void cancel();
  // Another file has the path now. False while there is none.
  bool is_replaced() const;
  const std::vector<std::string>& columns() const;
  std::size_t cursor_column() const;

 private:
  struct Connection;
  explicit RowReader(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

}  // namespace docmill
