#include "transformer/processors/keep.h"

#include "transformer/condition_processor.h"

namespace docmill {

ProcessorComponent keep_processor() {
  return condition_processor("keep",
                             "Lets only documents through in which the path finds something, or of "
                             "which the program of jq says so; the others are filtered.",
                             true);
}

}  // namespace docmill
