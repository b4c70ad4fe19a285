#include "sink/inner_xml.h"

#include <algorithm>

#include "shared/document/utf8.h"
#include "shared/document/xml_chars.h"
#include "shared/document/xml_text.h"

namespace docmill {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// The root element as it is written: from its '<' to its last '>'.
std::string_view root_of(const XmlTape& tape) {
  const XmlNode& root = tape.nodes[tape.root];
  std::string_view whole = tape.source;
  if (root.end < tape.nodes.size()) {
    // What follows begins with "<!--" or "<?", the last '<' before its text.
    whole = whole.substr(0, whole.rfind('<', tape.nodes[root.end].start));
  }
  const std::size_t end = whole.rfind('>') + 1;
  return whole.substr(root.start - 1, end - (root.start - 1));
}

void append_carried(std::string& out, std::string_view bytes) {
  std::string carried;
  while (!bytes.empty()) {
    std::size_t length = utf8_length(bytes);
    if (length > 0 && is_xml_text(bytes.substr(0, length))) {
      carried += bytes.substr(0, length);
    } else {
      carried += kReplacement;
      length = std::max<std::size_t>(length, 1);
    }
    bytes.remove_prefix(length);
  }
  append_text(out, carried);
}

}  // namespace

XmlReadOptions InnerXml::any_xml() {
  return {.limits = {.document{(1ULL << 32) - 1},
                     .token{(1ULL << 32) - 1},
                     .name{1 << 20},
                     .depth = 10'000,
                     .attributes = 100'000,
                     .namespaces = 100'000},
          .dtd = DtdPolicy::kInternal,
          .parser = ParserPolicy::kStrict};
}

std::string_view InnerXml::write(const DocumentView& document) {
  if (document.format == Format::kXml) {
    const auto tape = reader_.read(document.bytes);
    if (tape) return root_of(**tape);
  }
  text_ = "<document>";
  append_carried(text_, document.bytes);
  text_ += "</document>";
  return text_;
}

}  // namespace docmill
