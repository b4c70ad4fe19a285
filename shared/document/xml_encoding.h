// XmlEncoding: a document in an encoding that neither the guard nor expat reads, as UTF-8.
//
// Converted is UTF-32 (known by its first bytes), and what an XML declaration in ASCII names other
// than UTF-8, UTF-16, US-ASCII and ISO-8859-1, if the C library's iconv knows it. Everything else
// is left as it is: expat knows those four, and its verdict on a declaration that contradicts the
// bytes, or on a name that nobody knows, is the verdict.
//
// Keeps its memory and the last conversion from document to document. Not for several threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/base/units.h"
#include "shared/document/iconv_converter.h"

namespace docmill {

class XmlEncoding {
 public:
  // The same bytes, or UTF-8 that is valid until the next call, in which the declaration names
  // UTF-8. Failure: kMalformed; names the encoding, the place and the byte. limit holds for the
  // bytes and for the UTF-8.
  Result<std::string_view> to_utf8(std::string_view bytes, Bytes limit);

 private:
  Result<std::string_view> convert(std::string_view bytes, std::size_t skipped,
                                   const std::string& encoding, Bytes limit);

  std::optional<IconvConverter> converter_;
  std::string utf8_;
};

}  // namespace docmill
