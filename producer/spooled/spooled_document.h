// What a spooled source keeps of a document: its bytes, its format, where it came from, and what is
// known about it. Drawn in docs/stores.md.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/document/document.h"
#include "shared/runtime/component.h"
#include "shared/store/spool.h"

namespace docmill {

// Appends it to the spool's group. source: what it came from, 64 KiB at most, as the other parts of
// its origin are not known. key: see Spool::append.
Result<Spool::Appended> append_document(Spool& spool, std::string_view key, Format format,
                                        std::string_view source, std::string_view notes,
                                        std::string_view bytes);
// The same for one that could not be taken in whole: it becomes a dead letter with that reason.
// bytes: a sample of it.
Result<Spool::Appended> append_dead(Spool& spool, std::string_view key, Format format,
                                    std::string_view source, std::string_view reason,
                                    std::string_view bytes);
// What a source gives of a record, looking at its bytes: kDocument or kDead. The document's record
// is the record's number. kCorrupt: a record of a later version.
Result<Source::Next> document_of(const Spool::Record& record);

}  // namespace docmill
