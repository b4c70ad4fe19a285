// A document on its way to a server: what stands in the request; and
// how it is kept in a spool meanwhile, drawn in docs/stores.md.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/runtime/component.h"

namespace docmill {

// "application/json" and the like.
std::string content_type_of(Format format);

std::string encode_spooled(const DocumentId& id, const DocumentView& document);
struct SpooledHttpDocument {
  DocumentId id;  // its views are into the bytes, and so are the document's
  DocumentView document;
};
// Failure: kCorrupt: a record of a later version.
Result<SpooledHttpDocument> decode_spooled(std::string_view bytes);

}  // namespace docmill
