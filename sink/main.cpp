// docmill-sink: PULL documents, write them and the ledger, PUSH acks.
#include "sink/sink.h"

int main(int argc, char** argv) {
  using namespace docmill;
  const ComponentSet outputs = component_set("output", output_components());
  auto started = Daemon::start("sink", argc, argv, {.outputs = &outputs});
  if (const int* code = std::get_if<int>(&started)) return *code;
  auto& daemon = std::get<Daemon>(started);
  auto sink = Sink::open(daemon);
  if (!sink) return daemon.end(sink.error());
  return daemon.end((*sink)->run());
}
