// docmill-producer: reads a source, PUSHes batches to the transformers that have joined, PULLs acks
// and presence.
#include "producer/producer.h"

int main(int argc, char** argv) {
  using namespace docmill;
  const ComponentSet sources = component_set("source", source_components());
  auto started = Daemon::start("producer", argc, argv, {.sources = &sources});
  if (const int* code = std::get_if<int>(&started)) return *code;
  auto& daemon = std::get<Daemon>(started);
  auto producer = Producer::open(daemon);
  if (!producer) return daemon.end(producer.error());
  return daemon.end((*producer)->run());
}
