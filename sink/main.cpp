// docmill-sink: PULL documents, write them and the ledger, PUSH acks.
#include "sink/output_context.h"
#include "sink/sink_daemon.h"

int main(int argc, char** argv) {
  using namespace docmill;
  const ComponentSet outputs = component_set("output", output_components());
  return run_daemon<SinkDaemon>(Role::kSink, argc, argv, {.outputs = &outputs});
}
