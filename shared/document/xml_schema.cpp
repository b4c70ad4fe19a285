#include "shared/document/xml_schema.h"

#include <fmt/format.h>
#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/tree.h>
#include <libxml/xmlschemas.h>

#include <utility>

#include "shared/document/libxml2.h"

namespace docmill {

struct XmlSchema::Schema {
  Owned<xmlSchema, xmlSchemaFree> xsd;
  Owned<xmlRelaxNG, xmlRelaxNGFree> relax_ng;
};

XmlSchema::XmlSchema(std::unique_ptr<Schema> schema) : schema_(std::move(schema)) {}
XmlSchema::~XmlSchema() = default;
XmlSchema::XmlSchema(XmlSchema&&) noexcept = default;
XmlSchema& XmlSchema::operator=(XmlSchema&&) noexcept = default;

Result<XmlSchema> XmlSchema::load(const std::filesystem::path& path, Language language,
                                  NamedFiles& files) {
  start_libxml2();
  LibXml2Errors errors;
  const LibXml2Files reading(files);
  auto schema = std::make_unique<Schema>();
  if (language == Language::kXsd) {
    const Owned<xmlSchemaParserCtxt, xmlSchemaFreeParserCtxt> parser(
        xmlSchemaNewParserCtxt(path.c_str()));
    if (parser) schema->xsd.reset(xmlSchemaParse(parser.get()));
  } else {
    const Owned<xmlRelaxNGParserCtxt, xmlRelaxNGFreeParserCtxt> parser(
        xmlRelaxNGNewParserCtxt(path.c_str()));
    if (parser) schema->relax_ng.reset(xmlRelaxNGParse(parser.get()));
  }
  if (!schema->xsd && !schema->relax_ng) {
    return config_error(fmt::format(
        "expected {} in {}: {}", language == Language::kXsd ? "an XSD" : "a RELAX NG schema",
        path.string(), reading.failure().empty() ? errors.text() : reading.failure()));
  }
  return XmlSchema(std::move(schema));
}

Result<void> XmlSchema::validate(std::string_view xml) const {
  LibXml2Errors errors;
  // HUGE: the limits are those of the guard, which has read the document.
  const Owned<xmlDoc, xmlFreeDoc> document(xmlReadMemory(xml.data(), static_cast<int>(xml.size()),
                                                         nullptr, "UTF-8",
                                                         XML_PARSE_NONET | XML_PARSE_HUGE));
  if (!document) return malformed(errors.text());
  int verdict = 0;
  if (schema_->xsd) {
    const Owned<xmlSchemaValidCtxt, xmlSchemaFreeValidCtxt> validator(
        xmlSchemaNewValidCtxt(schema_->xsd.get()));
    verdict = xmlSchemaValidateDoc(validator.get(), document.get());
  } else {
    const Owned<xmlRelaxNGValidCtxt, xmlRelaxNGFreeValidCtxt> validator(
        xmlRelaxNGNewValidCtxt(schema_->relax_ng.get()));
    verdict = xmlRelaxNGValidateDoc(validator.get(), document.get());
  }
  return verdict == 0 ? Result<void>() : malformed(errors.text());
}

}  // namespace docmill
