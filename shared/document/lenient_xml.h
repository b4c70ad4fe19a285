// LenientXml: a document by pugixml's idea of well-formedness, for those who have to read what is
// no XML. It has to be asked for.
//
// What the strict way refuses is taken like this: an entity that is not declared stays as it is
// written ('&foo;' is text), entities and defaults of a DTD are not applied, of two attributes with
// one name the first counts, of several roots the first, bytes that are no characters become
// U+FFFD, names and prefixes are not judged. The limits hold. A private header: pugixml is known in
// lenient_xml.cpp.
//
// Keeps its memory from document to document. Not for several threads.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/document/xml_limits.h"
#include "shared/document/xml_tape.h"

namespace docmill {

class LenientXml {
 public:
  LenientXml(const XmlLimits& limits, bool accept_doctype);
  ~LenientXml();
  LenientXml(LenientXml&&) noexcept;
  LenientXml& operator=(LenientXml&&) noexcept;

  // Fills the tape; it points into memory that is valid until the next call. Failure: kMalformed.
  Result<void> read(std::string_view bytes, XmlTape& tape);

 private:
  class Writer;
  std::unique_ptr<Writer> writer_;
};

}  // namespace docmill
