// Looks at the table that is there, whether the columns of a pipeline file fit it.
#pragma once

#include <optional>

#include "shared/store/database.h"
#include "sink/database/table.h"

namespace docmill {

// How SQLite compares the keys of the table.
struct KeyColumn {
  std::string type;       // as it was declared
  std::string collation;  // empty: of the type
};

// "name" with quotes, as SQL has it.
std::string sql_name(std::string_view name);
// Nothing when there is no such table. Fails the transaction, column by column, when it does not
// fit.
std::optional<KeyColumn> check_table(Transaction& transaction, const TableConfig& config);

}  // namespace docmill
