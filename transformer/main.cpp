// docmill-transformer: PULL batches, run the processors, PUSH to the sink that owns each batch.
#include "transformer/transformer.h"

int main(int argc, char** argv) {
  using namespace docmill;
  const ComponentSet processors = processor_set();
  return run_daemon<Transformer>(Role::kTransformer, argc, argv, {.processors = &processors});
}
