// What a spooled source keeps of a document: its bytes, its format, where it came from, and what is
// known about it. Drawn in docs/stores.md.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/document/document.h"
#include "shared/store/spool.h"

namespace docmill {

// Appends it to the spool's group. source: what it came from, 64 KiB at most, as the other parts of
// its origin are not known. key: see Spool::append. reason: why it is a dead letter as it came,
// 64 KiB at most; empty when it is none.
Result<Spool::Appended> append_document(Spool& spool, std::string_view key, Format format,
                                        std::string_view source, std::string_view notes,
                                        std::string_view bytes, std::string_view reason = {});

struct SpooledDocument {
  DocumentView document;
  std::string_view reason;  // of a dead letter
};
// The document of a record, looking at its bytes. Its record is the record's number. kCorrupt: a
// record of a later version.
Result<SpooledDocument> document_of(const Spool::Record& record);

}  // namespace docmill
