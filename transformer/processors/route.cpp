#include "transformer/processors/route.h"

#include "shared/document/notes.h"
#include "transformer/note_processor.h"

namespace docmill {

ProcessorComponent route_processor() {
  return note_processor(
      "route", "Notes where a document goes, for outputs that ask. The document passes as it is.",
      kRouteNote);
}

}  // namespace docmill
