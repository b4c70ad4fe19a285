#include "shared/document/expat_verdict.h"

#include <memory>
#include <new>
#include <type_traits>

#include "shared/document/expat_encodings.h"
#include "shared/document/expat_expansion.h"

namespace docmill {
namespace {

struct Free {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};

struct Doctype {
  XML_Parser parser = nullptr;
  std::string system;
  bool skipped = false;
};

void on_doctype(void* user, const char*, const char* system, const char*, int) {
  if (system != nullptr) static_cast<Doctype*>(user)->system = system;
}

int on_external(XML_Parser parser, const char* context, const char*, const char* system,
                const char*) {
  const auto* doctype = static_cast<Doctype*>(XML_GetUserData(parser));
  const std::string_view wanted = system == nullptr ? "" : system;
  return context == nullptr && wanted == doctype->system ? XML_STATUS_OK : XML_STATUS_ERROR;
}

void on_skipped(void* user, const char*, int) {
  auto* doctype = static_cast<Doctype*>(user);
  doctype->skipped = true;
  XML_StopParser(doctype->parser, XML_FALSE);
}

}  // namespace

bool expat_accepts(std::string_view bytes, XmlFailure& failure) {
  // The separator between URI and name is a character that no document can contain.
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, Free> owner(
      XML_ParserCreateNS(nullptr, '\x01'));
  if (owner == nullptr) throw std::bad_alloc();
  XML_Parser parser = owner.get();
  Doctype doctype{parser, {}, false};
  limit_expansion(parser);
  read_encodings_with_iconv(parser);
  XML_SetUserData(parser, &doctype);
  XML_SetParamEntityParsing(parser, XML_PARAM_ENTITY_PARSING_ALWAYS);
  XML_SetStartDoctypeDeclHandler(parser, on_doctype);
  XML_SetExternalEntityRefHandler(parser, on_external);
  XML_SetSkippedEntityHandler(parser, on_skipped);
  XML_Status status = XML_STATUS_OK;
  do {
    constexpr std::size_t kSlice = 1 << 20;
    const std::string_view slice = bytes.substr(0, kSlice);
    bytes.remove_prefix(slice.size());
    status = XML_Parse(parser, slice.data(), static_cast<int>(slice.size()), bytes.empty() ? 1 : 0);
  } while (status == XML_STATUS_OK && !bytes.empty());
  if (status == XML_STATUS_OK) return true;
  failure.text =
      doctype.skipped ? "an entity that is not declared in the document" : expat_failure(parser);
  failure.line = XML_GetCurrentLineNumber(parser);
  failure.column = XML_GetCurrentColumnNumber(parser) + 1;
  const XML_Index index = XML_GetCurrentByteIndex(parser);
  failure.offset = index < 0 ? 0 : static_cast<std::uint64_t>(index);
  return false;
}

}  // namespace docmill
