#include "sink/open_ledger.h"

#include <fmt/format.h>

#include <chrono>

#include "shared/config/routed_output.h"
#include "shared/transport/poller.h"

namespace docmill {
namespace {

constexpr Duration kRetry = std::chrono::seconds(2);

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

Result<LedgerStore> open_ledger(Daemon& daemon, const StateFolder& folder,
                                const std::vector<OutputComponent>& catalog) {
  const auto database = database_of(daemon, catalog);
  if (!database) return database.error();
  for (;;) {
    auto store = LedgerStore::open(folder, *database);
    if (store || !wait_for_database(daemon, store.error())) return store;
  }
}

bool wait_for_database(Daemon& daemon, const Error& error) {
  if (error.code != ErrorCode::kUnavailable) return false;
  daemon.log().warn("{}; retry in {}", error.text, to_string(kRetry));
  Poller poller;
  poller.readable(daemon.signals());
  poller.wait(kRetry);
  // A reload goes on with this file until the sink is there.
  return daemon.stops() == 0 || daemon.reloading();
}

}  // namespace docmill
