#include "transformer/processors/key.h"

#include "shared/document/notes.h"
#include "transformer/note_processor.h"

namespace docmill {

ProcessorComponent key_processor() {
  return note_processor(
      "key",
      "Notes what a document is known by, for `sink.partition: key` and for outputs that ask. The "
      "document passes as it is.",
      kKeyNote);
}

}  // namespace docmill
