// SinkContents: what is in the files, the table, the server and the ledger of a simulated sink when
// no process of it runs. It believes nothing that the sink says.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/protocol/ledger_state.h"
#include "tests/support/daemons/sink_host.h"

namespace docmill::daemons {

using Found = std::map<std::string, int>;  // how often, by the document

struct SinkContents {
  std::vector<Found> outputs;  // as in SinkSettings
  Found dead;                  // dead letters, but those of a spool
  Found refused;               // dead letters of a spool
  SpoolTotals spooled;
  LedgerTotals totals;
};

// A sink whose ledger was set back leaves what that does not have in its files until it accepts a
// batch: kCommitted passes that over.
enum class FileBytes { kAll, kCommitted };
Result<SinkContents> read_contents(SinkHost& host, FileBytes which = FileBytes::kAll);

// The dead letter of the document; "" when there is none.
std::string dead_letter_of(const SinkHost& host, const std::string& id);

inline int times(const Found& found, const std::string& id) {
  const auto one = found.find(id);
  return one == found.end() ? 0 : one->second;
}

}  // namespace docmill::daemons
