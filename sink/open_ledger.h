// Opens a sink's ledger: in its state folder, or in the database that one of its outputs writes to.
#pragma once

#include "shared/runtime/daemon.h"
#include "shared/store/ledger_store.h"
#include "sink/output_context.h"

namespace docmill {

// Waits for a database that another program has locked.
Result<LedgerStore> open_ledger(Daemon& daemon, const StateFolder& folder,
                                const std::vector<OutputComponent>& catalog);

// What opens something in a database that another program has locked is called again after a while:
// false when the error is another one, or the sink is told to end.
bool wait_for_database(Daemon& daemon, const Error& error);

}  // namespace docmill
