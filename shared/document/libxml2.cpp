#include "shared/document/libxml2.h"

#include <fmt/format.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
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

}  // namespace

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
    xmlSetExternalEntityLoader(xmlNoNetExternalEntityLoader);
    return true;
  }();
  static_cast<void>(kStarted);
}

}  // namespace docmill
