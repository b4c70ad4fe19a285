#include "tests/conformance/judges.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include <pugixml.hpp>

namespace docmill::conformance {
namespace {

// What libxml2 says while it parses. One document at a time, on one thread.
struct Heard {
  bool refused = false;
};

xmlParserInputPtr refuse_to_load(const char*, const char*, xmlParserCtxtPtr context) {
  static_cast<Heard*>(context->_private)->refused = true;
  return nullptr;
}

void on_error(void* user, xmlErrorPtr error) {
  // A warning for libxml2, since an outer DTD that it did not read could declare the entity.
  const auto* context = static_cast<xmlParserCtxtPtr>(user);
  if (error->code == XML_WAR_UNDECLARED_ENTITY) {
    static_cast<Heard*>(context->_private)->refused = true;
  }
}

void on_print(void*, const char*, ...) {}

}  // namespace

bool libxml2_accepts(std::string_view bytes) {
  xmlSetExternalEntityLoader(refuse_to_load);
  xmlSetGenericErrorFunc(nullptr, on_print);
  Heard heard;
  xmlParserCtxtPtr context = xmlNewParserCtxt();
  context->_private = &heard;
  context->sax->serror = on_error;
  context->sax->initialized = XML_SAX2_MAGIC;
  xmlDocPtr document =
      xmlCtxtReadMemory(context, bytes.data(), static_cast<int>(bytes.size()), "document.xml",
                        nullptr, XML_PARSE_NOENT | XML_PARSE_NONET);
  const bool accepted = document != nullptr && context->wellFormed == 1 &&
                        context->nsWellFormed == 1 && !heard.refused;
  xmlFreeDoc(document);
  xmlFreeParserCtxt(context);
  return accepted;
}

bool pugixml_accepts(std::string_view bytes) {
  pugi::xml_document document;
  return document.load_buffer(bytes.data(), bytes.size(), pugi::parse_full);
}

}  // namespace docmill::conformance
