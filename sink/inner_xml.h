// InnerXml: a document as an element that can stand inside another one.
//
// Of XML that is its root element as it is written: in UTF-8, with the entities and defaults of a
// DOCTYPE in place, and without what stood around it (declaration, DOCTYPE, comments,
// instructions). Any other format, and what claims to be XML and is not, becomes the text of an
// element `document`; what XML cannot carry is U+FFFD there. Keeps its memory from document to
// document; one thread.
#pragma once

#include <string>
#include <string_view>

#include "shared/document/document.h"
#include "shared/document/xml_reader.h"

namespace docmill {

class InnerXml {
 public:
  InnerXml() : reader_(any_xml()) {}

  // Valid until the next call, and as long as the document is.
  std::string_view write(const DocumentView& document);

 private:
  // A pipeline's own limits were enforced where its documents were made.
  static XmlReadOptions any_xml();

  XmlReader reader_;
  std::string text_;
};

}  // namespace docmill
