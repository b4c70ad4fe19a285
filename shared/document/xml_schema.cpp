#include "shared/document/xml_schema.h"

#include <fmt/format.h>
#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/tree.h>
#include <libxml/xmlIO.h>
#include <libxml/xmlschemas.h>

#include <string>
#include <utility>

namespace docmill {
namespace {

template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
template <typename T, auto kFree>
using Owned = std::unique_ptr<T, Freed<kFree>>;

std::string_view text_of(const xmlChar* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

// "/catalog/book[2]/price", names as they are written.
std::string path_of(const xmlNode* node) {
  std::string path;
  for (; node != nullptr && node->type == XML_ELEMENT_NODE; node = node->parent) {
    const auto is_twin = [node](const xmlNode* other) {
      return other->type == XML_ELEMENT_NODE && xmlStrEqual(other->name, node->name) == 1 &&
             other->ns == node->ns;
    };
    int place = 1;
    for (const xmlNode* at = node->prev; at != nullptr; at = at->prev) place += is_twin(at);
    bool alone = place == 1;
    for (const xmlNode* at = node->next; alone && at != nullptr; at = at->next) {
      alone = !is_twin(at);
    }
    std::string step = "/";
    if (node->ns != nullptr && node->ns->prefix != nullptr) {
      step.append(text_of(node->ns->prefix)).append(":");
    }
    step += text_of(node->name);
    if (!alone) step += fmt::format("[{}]", place);
    path.insert(0, step);
  }
  return path;
}

// What libxml2 says while it lives: on this thread, the first error.
class FirstError {
 public:
  FirstError() { xmlSetStructuredErrorFunc(this, &FirstError::keep); }
  ~FirstError() { xmlSetStructuredErrorFunc(nullptr, nullptr); }
  FirstError(const FirstError&) = delete;
  FirstError& operator=(const FirstError&) = delete;

  const std::string& text() const { return text_; }

 private:
  static void keep(void* self, xmlErrorPtr error) {
    auto& first = *static_cast<FirstError*>(self);
    if (!first.text_.empty() || error->level < XML_ERR_ERROR) return;
    std::string_view message = error->message == nullptr ? "unknown" : error->message;
    while (message.ends_with('\n') || message.ends_with(' ') || message.ends_with('.')) {
      message.remove_suffix(1);
    }
    const std::string path = path_of(static_cast<const xmlNode*>(error->node));
    if (error->line > 0) first.text_ = fmt::format("line {}", error->line);
    if (!path.empty()) first.text_ += (first.text_.empty() ? "" : ", ") + path;
    if (!first.text_.empty()) first.text_ += ": ";
    first.text_ += message;
  }

  std::string text_;
};

// Once for the process. Files may be read, addresses of a network not.
void start_libxml2() {
  static const bool kStarted = [] {
    xmlInitParser();
    xmlSetExternalEntityLoader(xmlNoNetExternalEntityLoader);
    return true;
  }();
  static_cast<void>(kStarted);
}

}  // namespace

struct XmlSchema::Schema {
  Owned<xmlSchema, xmlSchemaFree> xsd;
  Owned<xmlRelaxNG, xmlRelaxNGFree> relax_ng;
};

XmlSchema::XmlSchema(std::unique_ptr<Schema> schema) : schema_(std::move(schema)) {}
XmlSchema::~XmlSchema() = default;
XmlSchema::XmlSchema(XmlSchema&&) noexcept = default;
XmlSchema& XmlSchema::operator=(XmlSchema&&) noexcept = default;

Result<XmlSchema> XmlSchema::load(const std::filesystem::path& path, Language language) {
  start_libxml2();
  FirstError errors;
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
    return config_error(fmt::format("expected {} in {}: {}",
                                    language == Language::kXsd ? "an XSD" : "a RELAX NG schema",
                                    path.string(), errors.text()));
  }
  return XmlSchema(std::move(schema));
}

Result<void> XmlSchema::validate(std::string_view xml) const {
  FirstError errors;
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
