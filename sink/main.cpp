// docmill-sink: PULL documents, write them and the ledger, PUSH acks.
#include "sink/sink.h"

int main(int argc, char** argv) {
  using namespace docmill;
  const ComponentSet outputs = component_set("output", output_components());
  return run_daemon<Sink>(Role::kSink, argc, argv, {.outputs = &outputs});
}
