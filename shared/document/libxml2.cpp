#include "shared/document/libxml2.h"

#include <fmt/format.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/uri.h>
#include <libxml/xmlIO.h>
#include <libxml/xmlerror.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <string_view>
#include <utility>

namespace docmill {
namespace {

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

void keep_error(void* errors, xmlErrorPtr error) {
  if (error->level < XML_ERR_ERROR) return;
  std::string_view message = error->message == nullptr ? "unknown" : error->message;
  while (message.ends_with('\n') || message.ends_with(' ') || message.ends_with('.')) {
    message.remove_suffix(1);
  }
  std::string text;
  const std::string path = path_of(static_cast<const xmlNode*>(error->node));
  if (error->line > 0) text = fmt::format("line {}", error->line);
  if (!path.empty()) text += (text.empty() ? "" : ", ") + path;
  if (!text.empty()) text += ": ";
  text += message;
  static_cast<LibXml2Errors*>(errors)->keep(std::move(text));
}

// XPath prints some errors instead of raising them.
void keep_print(void* errors, const char* format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  const int size = std::vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  if (size <= 0) return;
  std::string line(text, std::min(static_cast<std::size_t>(size), sizeof(text) - 1));
  while (line.ends_with('\n')) line.pop_back();
  static_cast<LibXml2Errors*>(errors)->keep(std::move(line));
}

thread_local LibXml2Files* reading = nullptr;

struct FreedText {
  void operator()(char* text) const { xmlFree(text); }
};

// libxml2 asks this function for every file: a schema, what it imports, an external entity.
xmlParserInputPtr load_file(const char* url, const char*, xmlParserCtxtPtr context) {
  if (reading == nullptr || url == nullptr) return nullptr;
  const auto content = reading->read(url);
  if (!content) return nullptr;
  xmlParserInputBufferPtr buffer = xmlParserInputBufferCreateMem(
      content->data(), static_cast<int>(content->size()), XML_CHAR_ENCODING_NONE);
  if (buffer == nullptr) return nullptr;
  xmlParserInputPtr input = xmlNewIOInputStream(context, buffer, XML_CHAR_ENCODING_NONE);
  if (input == nullptr) {
    xmlFreeParserInputBuffer(buffer);
    return nullptr;
  }
  input->filename = reinterpret_cast<char*>(xmlStrdup(reinterpret_cast<const xmlChar*>(url)));
  return input;
}

}  // namespace

LibXml2Files::LibXml2Files(NamedFiles& files) : files_(files) { reading = this; }
LibXml2Files::~LibXml2Files() { reading = nullptr; }

Result<std::string_view> LibXml2Files::read(const std::string& url) {
  const bool local = url.starts_with("file://");
  if (!local && url.find("://") != std::string::npos) {
    return keep(url,
                config_error("on a network, where nothing is read; save a copy and name that"));
  }
  const std::string path = local ? url.substr(7) : url;
  auto content = files_.read(path);
  if (content) return content;
  // libxml2 escapes the special characters of some paths.
  const std::unique_ptr<char, FreedText> plain(xmlURIUnescapeString(path.c_str(), 0, nullptr));
  if (plain && path != plain.get()) {
    if (auto second = files_.read(plain.get())) return second;
  }
  return keep(path, content.error());
}

Error LibXml2Files::keep(const std::string& name, const Error& error) {
  if (failure_.empty()) failure_ = fmt::format("{}: {}", name, error.text);
  return error;
}

LibXml2Errors::LibXml2Errors() {
  xmlSetStructuredErrorFunc(this, &keep_error);
  xmlSetGenericErrorFunc(this, &keep_print);
}
LibXml2Errors::~LibXml2Errors() {
  xmlSetStructuredErrorFunc(nullptr, nullptr);
  xmlSetGenericErrorFunc(nullptr, nullptr);
}

void start_libxml2() {
  static const bool kStarted = [] {
    xmlInitParser();
    xmlSetExternalEntityLoader(&load_file);
    return true;
  }();
  static_cast<void>(kStarted);
}

}  // namespace docmill
