#include "shared/document/xml_stylesheet.h"

#include <fmt/format.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxslt/documents.h>
#include <libxslt/imports.h>
#include <libxslt/security.h>
#include <libxslt/transform.h>
#include <libxslt/variables.h>
#include <libxslt/xslt.h>
#include <libxslt/xsltInternals.h>
#include <libxslt/xsltutils.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <utility>
#include <vector>

#include "shared/document/libxml2.h"
#include "shared/document/xml_reader.h"
#include "shared/document/xslt_messages.h"

namespace docmill {
namespace {

using Document = Owned<xmlDoc, xmlFreeDoc>;
namespace fs = std::filesystem;

constexpr const char* kXslt = "http://www.w3.org/1999/XSL/Transform";
// libxslt's own limit to templates inside templates.
constexpr int kDeepest = 3000;
constexpr std::size_t kLongestMessage = 500;

struct FreedByXml2 {
  void operator()(xmlChar* text) const { xmlFree(text); }
};
using OwnedText = std::unique_ptr<xmlChar, FreedByXml2>;

const xmlChar* xml_text(const char* text) { return reinterpret_cast<const xmlChar*>(text); }
std::string_view text_of(const xmlChar* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

// What is loaded on this thread right now. libxslt asks one function for every file and tells one
// function every error of a stylesheet, without a word of who is asking.
struct Loading {
  NamedFiles& files;
  fs::path folder;
  XsltMessages messages;
  std::string failure;  // why a file was not given
};
thread_local Loading* loading = nullptr;

void print(void* context, const char* format, ...) {
  auto* messages = static_cast<XsltMessages*>(context);
  if (messages == nullptr && loading != nullptr) messages = &loading->messages;
  if (messages == nullptr) return;
  char text[4096];
  va_list arguments;
  va_start(arguments, format);
  const int size = std::vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  if (size > 0) messages->add({text, std::min(static_cast<std::size_t>(size), sizeof(text) - 1)});
}

// The file through docmill's own reader, which fetches nothing for a DTD. Failure: kConfig.
Result<Document> read_file(NamedFiles& files, const fs::path& path, const char* url,
                           xmlDict* dict) {
  const auto bytes = files.read(path);
  if (!bytes) return bytes.error();
  XmlReader reader;
  const auto tape = reader.read(*bytes);
  if (!tape) return config_error(tape.error().text);
  const Owned<xmlParserCtxt, xmlFreeParserCtxt> parser(xmlNewParserCtxt());
  if (dict != nullptr) {
    xmlDictFree(parser->dict);
    parser->dict = dict;
    xmlDictReference(dict);
  }
  const std::string_view xml = (*tape)->source;
  return Document(xmlCtxtReadMemory(parser.get(), xml.data(), static_cast<int>(xml.size()), url,
                                    "UTF-8", XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOCDATA));
}

bool is_below(const fs::path& path, const fs::path& folder) {
  const auto [end, at] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  static_cast<void>(at);
  return end == folder.end();
}

// For xsl:import and xsl:include while a stylesheet is loaded; for nothing else.
xmlDoc* load_document(const xmlChar* uri, xmlDict* dict, int, void*, xsltLoadType type) {
  if (loading == nullptr || type != XSLT_LOAD_STYLESHEET) return nullptr;
  const std::string url(text_of(uri));
  std::error_code none;
  const bool near =
      loading->files.given() || is_below(fs::weakly_canonical(url, none), loading->folder);
  if (none || url.find("://") != url.npos || !near) {
    loading->failure = fmt::format(
        "{}: xsl:import and xsl:include reach files in the folder of the stylesheet, and no other",
        url);
    return nullptr;
  }
  auto document = read_file(loading->files, url, url.c_str(), dict);
  if (document && *document) return document->release();
  loading->failure = fmt::format("{}: {}", url, document ? "no XML" : document.error().text);
  return nullptr;
}

void start_libxslt() {
  start_libxml2();
  static const bool kStarted = [] {
    xsltInit();
    xsltSetLoaderFunc(&load_document);
    xsltSetGenericErrorFunc(nullptr, &print);
    return true;
  }();
  static_cast<void>(kStarted);
}

// What is wrong with the root element; empty when it is one of XSLT 1.0.
std::string root_problem(xmlDoc* document) {
  xmlNode* root = xmlDocGetRootElement(document);
  const bool is_xslt = root->ns != nullptr && text_of(root->ns->href) == kXslt;
  const OwnedText found(is_xslt ? xmlGetNoNsProp(root, xml_text("version"))
                                : xmlGetNsProp(root, xml_text("version"), xml_text(kXslt)));
  const std::string version(text_of(found.get()));
  if (version == "1.0" || version == "1.1") return "";
  if (!is_xslt && version.empty()) {
    return fmt::format("expected a stylesheet of XSLT 1.0, found element '{}'",
                       text_of(root->name));
  }
  return fmt::format("expected a stylesheet of XSLT 1.0, found version '{}'", version);
}

std::string parameter_problem(xsltStylesheet* sheet,
                              const std::map<std::string, std::string>& parameters) {
  std::vector<std::string_view> known;
  for (const xsltStylesheet* part = sheet; part != nullptr;
       part = xsltNextImport(const_cast<xsltStylesheet*>(part))) {
    for (const xsltStackElem* at = part->variables; at != nullptr; at = at->next) {
      if (at->comp != nullptr && at->comp->type == XSLT_FUNC_PARAM && at->nameURI == nullptr) {
        known.push_back(text_of(at->name));
      }
    }
  }
  std::sort(known.begin(), known.end());
  for (const auto& [name, value] : parameters) {
    if (std::binary_search(known.begin(), known.end(), name)) continue;
    return fmt::format("the stylesheet has no xsl:param '{}'; it has {}", name,
                       known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", ")));
  }
  return "";
}

// document('') is the stylesheet itself, which is here already: load_document reads nothing for it.
int allow_itself(xsltSecurityPrefs*, xsltTransformContext* context, const char* file) {
  return text_of(context->style->doc->URL) == file ? 1 : 0;
}

xsltSecurityPrefs* forbid_everything() {
  xsltSecurityPrefs* security = xsltNewSecurityPrefs();
  for (const auto option : {XSLT_SECPREF_WRITE_FILE, XSLT_SECPREF_CREATE_DIRECTORY,
                            XSLT_SECPREF_READ_NETWORK, XSLT_SECPREF_WRITE_NETWORK}) {
    xsltSetSecurityPrefs(security, option, &xsltSecurityForbid);
  }
  xsltSetSecurityPrefs(security, XSLT_SECPREF_READ_FILE, &allow_itself);
  return security;
}

}  // namespace

struct XmlStylesheet::Sheet {
  explicit Sheet(const StylesheetOptions& its_options)
      : options(its_options), reader({.limits = its_options.limits}) {}

  std::string why(xsltTransformContext* context, const XsltMessages& messages,
                  const LibXml2Errors& errors) const;
  Result<Format> write(xmlDoc* result, std::string& out);

  StylesheetOptions options;
  XmlReader reader;  // of results
  std::string file;
  Owned<xsltStylesheet, xsltFreeStylesheet> sheet;
  Owned<xsltSecurityPrefs, xsltFreeSecurityPrefs> security;
};

XmlStylesheet::XmlStylesheet(std::unique_ptr<Sheet> sheet) : sheet_(std::move(sheet)) {}
XmlStylesheet::~XmlStylesheet() = default;
XmlStylesheet::XmlStylesheet(XmlStylesheet&&) noexcept = default;
XmlStylesheet& XmlStylesheet::operator=(XmlStylesheet&&) noexcept = default;

Result<XmlStylesheet> XmlStylesheet::load(const fs::path& path, NamedFiles& files,
                                          const StylesheetOptions& options) {
  start_libxslt();
  const auto fail = [&path](const std::string& text) {
    return config_error(fmt::format("{}: {}", path.string(), text));
  };
  LibXml2Errors errors;
  auto document = read_file(files, path, path.c_str(), nullptr);
  if (!document || !*document) return fail(document ? errors.text() : document.error().text);
  if (std::string problem = root_problem(document->get()); !problem.empty()) return fail(problem);
  std::error_code none;
  Loading here{
      files, fs::weakly_canonical(path, none).parent_path(), XsltMessages(path.string()), {}};
  loading = &here;
  auto made = std::make_unique<Sheet>(options);
  made->file = path.string();
  made->sheet.reset(xsltParseStylesheetDoc(document->get()));
  loading = nullptr;
  if (made->sheet) static_cast<void>(document->release());
  if (!here.failure.empty()) return fail(here.failure);
  if (!made->sheet || made->sheet->errors > 0 || !here.messages.error().empty()) {
    return fail(here.messages.error().empty() ? errors.text() : here.messages.error());
  }
  std::string problem = parameter_problem(made->sheet.get(), options.parameters);
  if (!problem.empty()) return fail(problem);
  xmlFree(made->sheet->encoding);
  made->sheet->encoding = xmlStrdup(xml_text("UTF-8"));
  made->security.reset(forbid_everything());
  return XmlStylesheet(std::move(made));
}

Result<Format> XmlStylesheet::transform(std::string_view xml, std::string& out) {
  LibXml2Errors errors;
  XsltMessages messages(sheet_->file);
  const Document document(xmlReadMemory(xml.data(), static_cast<int>(xml.size()), nullptr, "UTF-8",
                                        XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOCDATA));
  if (!document) return malformed(errors.text());
  const Owned<xsltTransformContext, xsltFreeTransformContext> context(
      xsltNewTransformContext(sheet_->sheet.get(), document.get()));
  if (!context) return malformed(messages.error());
  xsltSetTransformErrorFunc(context.get(), &messages, &print);
  xsltSetCtxtSecurityPrefs(sheet_->security.get(), context.get());
  context->maxTemplateDepth = kDeepest;
  context->opLimit = sheet_->options.operations;
  context->xpathCtxt->opLimit = sheet_->options.operations;
  for (const auto& [name, value] : sheet_->options.parameters) {
    xsltQuoteOneUserParam(context.get(), xml_text(name.c_str()), xml_text(value.c_str()));
  }
  const Document result(xsltApplyStylesheetUser(sheet_->sheet.get(), document.get(), nullptr,
                                                nullptr, nullptr, context.get()));
  if (!result || context->state != XSLT_STATE_OK) {
    return malformed(sheet_->why(context.get(), messages, errors));
  }
  return sheet_->write(result.get(), out);
}

std::string XmlStylesheet::Sheet::why(xsltTransformContext* context, const XsltMessages& messages,
                                      const LibXml2Errors& errors) const {
  const bool spent = (context->opCount >= context->opLimit ||
                      context->xpathCtxt->opCount >= context->xpathCtxt->opLimit);
  if (spent) return fmt::format("the stylesheet takes more than {} operations", options.operations);
  const std::string& error = messages.error();
  if (error.find("potential infinite template recursion") != error.npos) {
    return fmt::format("templates stand deeper than {} inside each other", kDeepest);
  }
  if (context->state == XSLT_STATE_STOPPED && error.empty()) {
    return "xsl:message: " + messages.message().substr(0, kLongestMessage);
  }
  if (error.empty()) return errors.text();
  return errors.text().empty() ? error : fmt::format("{}: {}", error, errors.text());
}

Result<Format> XmlStylesheet::Sheet::write(xmlDoc* result, std::string& out) {
  const xmlChar* method = nullptr;
  XSLT_GET_IMPORT_PTR(method, sheet.get(), method)
  const bool is_html = method == nullptr && result->type == XML_HTML_DOCUMENT_NODE;
  const bool is_xml = method == nullptr ? !is_html : text_of(method) == "xml";
  xmlChar* bytes = nullptr;
  int size = 0;
  xsltSaveResultToString(&bytes, &size, result, sheet.get());
  const OwnedText owned(bytes);
  const std::string_view made = text_of(bytes).substr(0, static_cast<std::size_t>(size));
  if (made.empty()) return malformed("the result is empty");
  if (made.size() > options.limits.document.count) {
    return malformed(
        fmt::format("the result takes more than {}", to_string(options.limits.document)));
  }
  if (is_xml) {
    if (const auto read = reader.read(made); !read) {
      return malformed("the result is no document of XML: " + read.error().text);
    }
  }
  out += made;
  return is_xml ? Format::kXml : Format::kText;
}

}  // namespace docmill
