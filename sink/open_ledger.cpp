#include "sink/open_ledger.h"

#include <fmt/format.h>

#include "shared/config/routed_output.h"

namespace docmill {
namespace {

// A transaction has one database: with two, a crash between them would leave rows without a ledger.
Result<std::string> database_of(const Daemon& daemon, const std::vector<OutputComponent>& catalog) {
  std::string database;
  for (const Component& chosen : daemon.config().sink.outputs) {
    const OutputComponent* component = find_listed(catalog, chosen.key);
    if (component == nullptr || !component->database) continue;
    if (!database.empty()) {
      return config_error(
          "sink.outputs: expected one output that writes to a database, found several; give each a "
          "sink of its own");
    }
    database = expand(component->database(std::any_cast<const RoutedOutput&>(chosen.config).own),
                      "sink", daemon.name())
                   .string();
  }
  return database;
}

}  // namespace

Result<LedgerStore> open_ledger(const Daemon& daemon, const StateFolder& folder,
                                const std::vector<OutputComponent>& catalog) {
  const auto database = database_of(daemon, catalog);
  if (!database) return database.error();
  return LedgerStore::open(folder, *database);
}

}  // namespace docmill
