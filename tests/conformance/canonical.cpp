#include "tests/conformance/canonical.h"

#include <expat.h>

#include <algorithm>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "shared/document/xml_text.h"

namespace docmill::conformance {
namespace {

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\t':
        out += "&#9;";
        break;
      case '\n':
        out += "&#10;";
        break;
      case '\r':
        out += "&#13;";
        break;
      default:
        out += c;
    }
  }
}

using Attributes = std::vector<std::pair<std::string, std::string>>;

void append_start(std::string& out, std::string_view name, Attributes attributes) {
  std::sort(attributes.begin(), attributes.end());
  out.append("<").append(name);
  for (const auto& [key, value] : attributes) {
    out.append(" ").append(key).append("=\"");
    append_escaped(out, value);
    out += '"';
  }
  out += '>';
}

struct Writer {
  std::string out;
  int depth = 0;

  static Writer& self(void* user) { return *static_cast<Writer*>(user); }
  static void on_start(void* user, const char* name, const char** pairs) {
    ++self(user).depth;
    Attributes attributes;
    for (; *pairs != nullptr; pairs += 2) attributes.emplace_back(pairs[0], pairs[1]);
    append_start(self(user).out, name, std::move(attributes));
  }
  static void on_end(void* user, const char* name) {
    --self(user).depth;
    self(user).out.append("</").append(name).append(">");
  }
  static void on_text(void* user, const char* text, int length) {
    append_escaped(self(user).out, {text, static_cast<std::size_t>(length)});
  }
  // The document is complete without what stands outside of it, or docmill has refused it.
  static int on_external(XML_Parser, const char*, const char*, const char*, const char*) {
    return XML_STATUS_OK;
  }
  static void on_instruction(void* user, const char* target, const char* data) {
    Writer& writer = self(user);
    if (writer.depth == 0) return;
    writer.out.append("<?").append(target).append(" ").append(data).append("?>");
  }
};

void append_element(std::string& out, const XmlTape& tape, std::size_t& at) {
  const XmlNode& element = tape.nodes[at++];
  Attributes attributes;
  for (; at < element.end && tape.nodes[at].kind == XmlNode::Kind::kAttribute; ++at) {
    std::string value;
    append_decoded(value, tape.value(tape.nodes[at]), XmlContent::kAttribute);
    attributes.emplace_back(tape.text(tape.nodes[at]), std::move(value));
  }
  append_start(out, tape.text(element), std::move(attributes));
  while (at < element.end) {
    const XmlNode& node = tape.nodes[at];
    if (node.kind == XmlNode::Kind::kElement) {
      append_element(out, tape, at);
      continue;
    }
    ++at;
    std::string text;
    if (node.kind == XmlNode::Kind::kInstruction) {
      append_decoded(text, tape.value(node), XmlContent::kCdata);
      out.append("<?").append(tape.text(node)).append(" ").append(text).append("?>");
    } else if (node.kind != XmlNode::Kind::kComment) {
      const bool cdata = node.kind == XmlNode::Kind::kCdata;
      append_decoded(text, tape.text(node), cdata ? XmlContent::kCdata : XmlContent::kText);
      append_escaped(out, text);
    }
  }
  out.append("</").append(tape.text(element)).append(">");
}

}  // namespace

std::string canonical(std::string_view xml) {
  struct Free {
    void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
  };
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, Free> parser(XML_ParserCreate(nullptr));
  Writer writer{{}, 0};
  XML_SetUserData(parser.get(), &writer);
  XML_SetElementHandler(parser.get(), Writer::on_start, Writer::on_end);
  XML_SetCharacterDataHandler(parser.get(), Writer::on_text);
  XML_SetProcessingInstructionHandler(parser.get(), Writer::on_instruction);
  XML_SetParamEntityParsing(parser.get(), XML_PARAM_ENTITY_PARSING_ALWAYS);
  XML_SetExternalEntityRefHandler(parser.get(), Writer::on_external);
  const XML_Status status =
      XML_Parse(parser.get(), xml.data(), static_cast<int>(xml.size()), XML_TRUE);
  return status == XML_STATUS_OK ? writer.out : std::string();
}

std::string canonical(const XmlTape& tape) {
  std::string out;
  std::size_t at = tape.root;
  append_element(out, tape, at);
  return out;
}

}  // namespace docmill::conformance
