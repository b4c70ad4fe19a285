// docmill-producer: reads a source, PUSHes batches to the transformers that have joined, PULLs acks
// and presence.
#include "producer/producer_daemon.h"
#include "transformer/processor_context.h"

int main(int argc, char** argv) {
  using namespace docmill;
  const ComponentSet sources = component_set("source", source_components());
  const ComponentSet processors = processor_set();
  return run_daemon<ProducerDaemon>(Role::kProducer, argc, argv,
                                    {.sources = &sources, .processors = &processors});
}
