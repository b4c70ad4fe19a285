// XmlReader: the way in for one XML document. It takes bytes in any encoding that expat or iconv
// knows and gives checked ones in UTF-8, with nothing left to expand, and their tape.
//
// The bytes decide the way. What neither the guard nor expat reads is converted to UTF-8 first
// (xml_encoding.h). UTF-8 whose DOCTYPE (if any) declares nothing is scanned where it is;
// every other document is first written anew by expat: entities expanded, defaults of the DTD's
// internal subset in place, the DOCTYPE itself dropped. Nothing outside of the document is ever
// fetched; a reference that would need it is an error.
//
// A reader keeps its memory from document to document. Not for several threads.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/document/lenient_xml.h"
#include "shared/document/xml_encoding.h"
#include "shared/document/xml_limits.h"
#include "shared/document/xml_scanner.h"
#include "shared/document/xml_tape.h"

namespace docmill {

// What to do with a DOCTYPE: kInternal reads its internal subset (within expat's limits against
// entities that explode), kReject refuses the document; for what comes from a network.
enum class DtdPolicy { kInternal, kReject };

// What becomes of a document that is no XML: it is refused, or read again by pugixml's idea of
// well-formedness, which lets much pass (lenient_xml.h). Lenient has to be asked for.
enum class ParserPolicy { kStrict, kLenient };

struct XmlReadOptions {
  XmlLimits limits;
  DtdPolicy dtd = DtdPolicy::kInternal;
  ParserPolicy parser = ParserPolicy::kStrict;
};

class XmlReader {
 public:
  explicit XmlReader(const XmlReadOptions& options = {});

  // The tape is valid until the next call, and as long as `bytes` are; tape.source is the document
  // itself. Failure: kMalformed, "line 3, column 7: ...".
  Result<const XmlTape*> read(std::string_view bytes);
  // Whether the last document was no XML, and was read leniently.
  bool lenient() const { return was_lenient_; }

 private:
  Result<const XmlTape*> read_strictly(std::string_view bytes);
  Result<const XmlTape*> read_leniently(std::string_view bytes);
  // Bytes that the guard gave back.
  Result<const XmlTape*> read_other(std::string_view bytes);
  Result<const XmlTape*> read_expanded(std::string_view bytes);

  XmlReadOptions options_;
  XmlScanner scanner_;
  XmlEncoding encoding_;
  LenientXml lenient_;
  XmlTape tape_;
  std::string expanded_;
  bool was_lenient_ = false;
};

}  // namespace docmill
