// How much expat may make of a document by expanding its entities. A private header: expat is known
// here.
#pragma once

#include <expat.h>

namespace docmill {

// To be called before the first byte is parsed. Expat's own limit is 100 times, from 8 MiB on.
void limit_expansion(XML_Parser parser);
// Why the parser stopped: expat's words, or ours where there is a cure.
const char* expat_failure(XML_Parser parser);

}  // namespace docmill
