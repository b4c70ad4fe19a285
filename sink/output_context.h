// What an output is opened with, and how a catalog entry opens it.
#pragma once

#include <any>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/log.h"
#include "shared/config/component.h"
#include "shared/runtime/component.h"
#include "shared/store/ledger_store.h"
#include "shared/transport/context.h"

namespace docmill {

class DeadLetters;

struct OutputContext {
  std::string sink;     // the name of this sink; {sink} in paths
  LedgerStore& ledger;  // opens the files whose lengths it commits
  Log& log;
  const Context* sockets = nullptr;     // outlives the output
  const Clock* clock = nullptr;         // outlives the output
  std::filesystem::path folder = {};    // of the sink's state, locked by it
  DeadLetters* dead_letters = nullptr;  // outlives the output; committed with the next group
  std::string place = {};               // of the output in the pipeline file, for messages
};

// An output as the catalog lists it: its declaration, and what opens it with the parsed settings.
struct OutputComponent {
  AnySchema schema;
  std::function<Result<std::unique_ptr<Output>>(const std::any& settings, const OutputContext&)>
      open;
  // The database that it writes to, where the ledger has to be in that database; {sink} stands
  // for the sink's name.
  std::function<std::filesystem::path(const std::any& settings)> database = {};
  // The receiver whose documents wait on disk when it does not take them (Spilling); empty when
  // they never do.
  std::function<std::string(const std::any& settings)> spills_for = {};
  // The names that its files may have, as patterns (file_pattern.h); {sink} stands for the sink's
  // name.
  std::function<std::vector<std::string>(const std::any& settings)> files = {};
};

// Every output there is, each with the settings that all of them have (RoutedOutput).
std::vector<OutputComponent> output_components();
// Those that a pipeline file chose, in its order.
Result<std::vector<std::unique_ptr<Output>>> open_outputs(const std::vector<Component>& chosen,
                                                          OutputContext context);

}  // namespace docmill
