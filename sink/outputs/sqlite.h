// sqlite: makes each document a row of a table, in one transaction with the ledger.
#pragma once

#include "sink/output_context.h"

namespace docmill {

OutputComponent sqlite_output();

}  // namespace docmill
