#include "transformer/processors/drop.h"

#include "transformer/condition_processor.h"

namespace docmill {

ProcessorComponent drop_processor() {
  return condition_processor("drop",
                             "Filters the documents in which the path finds something, or of which "
                             "the program of jq says so; the others pass as they are.",
                             false);
}

}  // namespace docmill
