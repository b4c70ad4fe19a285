// Looks at the table that is there, whether the columns of a pipeline file fit it.
#pragma once

#include <optional>

#include "shared/store/database.h"
#include "sink/database/table.h"

namespace docmill {

// How SQLite stores and compares the keys of a table. The default is a column without a type, as
// in a table that we make.
struct KeyColumn {
  std::string affinity = "BLOB";  // which is also the name of a type that has it
  std::string collation = "BINARY";
  bool row_id = false;  // it has no index of its own
};

// Whether SQLite takes them for one name: "Title" is "title" to it.
bool same_name(std::string_view a, std::string_view b);
// "name" with quotes, as SQL has it.
std::string sql_name(std::string_view name);
// Of a column that was declared with this type.
std::string affinity_of(std::string_view type, bool strict);
// Nothing when there is no such table. Fails the transaction, column by column, when it does not
// fit.
std::optional<KeyColumn> check_table(Transaction& transaction, const TableConfig& config);

}  // namespace docmill
