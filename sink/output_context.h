// What an output is opened with, and how a catalog entry opens it.
#pragma once

#include <any>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "shared/base/log.h"
#include "shared/config/component.h"
#include "shared/runtime/component.h"
#include "shared/store/ledger_store.h"
#include "shared/transport/context.h"

namespace docmill {

struct OutputContext {
  std::string sink;     // the name of this sink; {sink} in paths
  LedgerStore& ledger;  // opens the files whose lengths it commits
  Log& log;
  const Context* sockets = nullptr;  // outlives the output
};

// An output as the catalog lists it: its declaration, and what opens it with the parsed settings.
struct OutputComponent {
  AnySchema schema;
  std::function<Result<std::unique_ptr<Output>>(const std::any& settings, const OutputContext&)>
      open;
};

// Every output there is, each with the settings that all of them have (RoutedOutput).
std::vector<OutputComponent> output_components();
// Those that a pipeline file chose, in its order.
Result<std::vector<std::unique_ptr<Output>>> open_outputs(const std::vector<Component>& chosen,
                                                          const OutputContext& context);

}  // namespace docmill
