// Opens a sink's ledger: in its state folder, or in the database that one of its outputs writes to.
#pragma once

#include "shared/runtime/daemon.h"
#include "shared/store/ledger_store.h"
#include "sink/output_context.h"

namespace docmill {

Result<LedgerStore> open_ledger(const Daemon& daemon, const StateFolder& folder,
                                const std::vector<OutputComponent>& catalog);

}  // namespace docmill
