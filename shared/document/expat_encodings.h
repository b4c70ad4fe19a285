// Encodings that expat does not know by itself, read with iconv while it parses. A private header:
// expat is known here.
//
// Those in which the first byte of a character says how many bytes it has and what the bytes below
// 0x80 mean: single bytes (windows-1252, KOI8-R), Shift_JIS, EUC, GBK, Big5. Others (ISO-2022,
// GB18030, UTF-32) stay unknown to expat.
#pragma once

#include <expat.h>

namespace docmill {

// To be called before the first byte is parsed. The parser owns what it needs.
void read_encodings_with_iconv(XML_Parser parser);

}  // namespace docmill
