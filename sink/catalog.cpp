// Every output there is. A new one is one line here, one file in sink/outputs and one test.
#include "shared/base/check.h"
#include "shared/config/routed_output.h"
#include "sink/output_context.h"
#include "sink/outputs/deliver.h"
#include "sink/outputs/documents.h"
#include "sink/outputs/http.h"
#include "sink/outputs/json.h"
#include "sink/outputs/ndjson.h"
#include "sink/outputs/sqlite.h"
#include "sink/outputs/stdout.h"
#include "sink/outputs/xml.h"
#include "sink/outputs/zmq.h"

namespace docmill {

std::vector<OutputComponent> output_components() {
  std::vector<OutputComponent> outputs = {ndjson_output(),    json_output(),   xml_output(),
                                          documents_output(), stdout_output(), zmq_output(),
                                          sqlite_output(),    http_output(),   deliver_output()};
  for (OutputComponent& output : outputs) output.schema = routed(output.schema);
  return outputs;
}

Result<std::vector<std::unique_ptr<Output>>> open_outputs(const std::vector<Component>& chosen,
                                                          OutputContext context) {
  std::vector<std::unique_ptr<Output>> outputs;
  const std::vector<OutputComponent> catalog = output_components();
  for (const Component& one : chosen) {
    const OutputComponent* component = find_listed(catalog, one.key);
    DOCMILL_CHECK(component != nullptr, "no output is called {}", one.key);
    context.place = "sink.outputs." + one.key;
    auto output = component->open(std::any_cast<const RoutedOutput&>(one.config).own, context);
    if (!output) return output.error();
    outputs.push_back(std::move(*output));
  }
  return outputs;
}

}  // namespace docmill
