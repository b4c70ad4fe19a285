// docmill-transformer: PULL batches, run the processors, PUSH to the sink that owns each batch.
#include "transformer/transformer.h"

int main(int argc, char** argv) {
  using namespace docmill;
  const ComponentSet processors = processor_set();
  auto started = Daemon::start("transformer", argc, argv, {.processors = &processors});
  if (const int* code = std::get_if<int>(&started)) return *code;
  auto& daemon = std::get<Daemon>(started);
  auto transformer = Transformer::open(daemon);
  if (!transformer) return daemon.end(transformer.error());
  return daemon.end((*transformer)->run());
}
