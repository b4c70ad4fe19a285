#include "shared/document/lenient_xml.h"

#include <fmt/format.h>

#include <cctype>
#include <pugixml.hpp>
#include <vector>

#include "shared/document/xml_chars.h"
#include "shared/document/xml_text.h"

namespace docmill {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// The text with U+FFFD for every byte that is no part of a character that XML allows.
std::string repaired(std::string_view text) {
  std::string out;
  const char* end = text.data() + text.size();
  for (const char* p = text.data(); p != end;) {
    const bool wide = (char_class(*p) & kWide) != 0;
    const int length = wide ? wide_length(p, end) : 1;
    if (length == 0 || (!wide && !is_xml_char(static_cast<unsigned char>(*p)))) {
      out += kReplacement;
      ++p;
      continue;
    }
    out.append(p, static_cast<std::size_t>(length));
    p += length;
  }
  return out;
}

}  // namespace

// Writes pugixml's nodes as XML again, and a tape of what it writes.
class LenientXml::Writer {
 public:
  Writer(const XmlLimits& limits, bool accept_doctype)
      : limits_(limits), accept_doctype_(accept_doctype) {}

  Result<void> read(std::string_view bytes, XmlTape& tape);

 private:
  // Not by recursion: what is lenient about names must not be lenient about the stack.
  bool walk(pugi::xml_node root);
  bool open(pugi::xml_node element);
  void close();
  bool attributes(pugi::xml_node element);
  bool text(pugi::xml_node node);
  bool within_document() {
    return out_.size() <= limits_.document.count ||
           fail(fmt::format("the document has more than limits.document of {} when written out",
                            to_string(limits_.document)));
  }
  bool fail(std::string failure) {
    if (failure_.empty()) failure_ = std::move(failure);
    return false;
  }
  bool fits(std::size_t size, Bytes limit, std::string_view what, std::string_view name) {
    return size <= limit.count || fail(fmt::format("a {} of {} bytes, more than {} of {}", what,
                                                   size, name, to_string(limit)));
  }
  XmlNode& push(XmlNode::Kind kind, std::size_t start) {
    XmlNode& node = tape_->nodes.emplace_back();
    node.kind = kind;
    node.start = static_cast<std::uint32_t>(start);
    node.length = static_cast<std::uint32_t>(out_.size() - start);
    node.exact = false;
    return node;
  }

  XmlLimits limits_;
  bool accept_doctype_;
  pugi::xml_document document_;
  std::string out_;
  XmlTape* tape_ = nullptr;
  std::vector<std::uint32_t> open_;  // indexes of the open elements
  std::string failure_;
};

bool LenientXml::Writer::attributes(pugi::xml_node element) {
  const std::size_t first = tape_->nodes.size();
  for (const pugi::xml_attribute attribute : element.attributes()) {
    const std::string name = repaired(attribute.name());
    if (!fits(name.size(), limits_.name, "name", "limits.name")) return false;
    bool twin = false;
    for (std::size_t i = first; i < tape_->nodes.size() && !twin; ++i) {
      const XmlNode& other = tape_->nodes[i];
      twin = std::string_view(out_).substr(other.start, other.length) == name;
    }
    if (twin) continue;
    if (tape_->nodes.size() - first >= limits_.attributes) {
      return fail(fmt::format("an element with more attributes than limits.attributes of {}",
                              limits_.attributes));
    }
    out_ += ' ';
    const std::size_t start = out_.size();
    out_ += name;
    XmlNode& written = push(XmlNode::Kind::kAttribute, start);
    out_ += "=\"";
    written.value = static_cast<std::uint32_t>(out_.size());
    append_attribute(out_, repaired(attribute.value()));
    written.value_length = static_cast<std::uint32_t>(out_.size()) - written.value;
    out_ += '"';
    if (!fits(written.value_length, limits_.token, "value", "limits.token")) return false;
  }
  return true;
}

bool LenientXml::Writer::text(pugi::xml_node node) {
  const std::string content = repaired(node.value());
  const std::size_t start = out_.size();
  append_text(out_, content);
  if (!fits(out_.size() - start, limits_.token, "text", "limits.token")) return false;
  push(XmlNode::Kind::kText, start);
  const bool blank = content.find_first_not_of(" \t\r\n") == content.npos;
  if (!blank || node.type() == pugi::node_cdata) tape_->nodes[open_.back()].has_text = true;
  return true;
}

bool LenientXml::Writer::open(pugi::xml_node element) {
  if (open_.size() >= limits_.depth) {
    return fail(
        fmt::format("more than {} elements inside each other; raise limits.depth", limits_.depth));
  }
  const std::string name = repaired(element.name());
  if (!fits(name.size(), limits_.name, "name", "limits.name")) return false;
  if (!open_.empty()) tape_->nodes[open_.back()].has_elements = true;
  open_.push_back(static_cast<std::uint32_t>(tape_->nodes.size()));
  out_ += '<';
  const std::size_t start = out_.size();
  out_ += name;
  push(XmlNode::Kind::kElement, start);
  if (!attributes(element)) return false;
  out_ += '>';
  return true;
}

void LenientXml::Writer::close() {
  XmlNode& element = tape_->nodes[open_.back()];
  element.end = static_cast<std::uint32_t>(tape_->nodes.size());
  out_.append("</").append(std::string(out_, element.start, element.length)).append(">");
  open_.pop_back();
}

bool LenientXml::Writer::walk(pugi::xml_node root) {
  if (!open(root)) return false;
  pugi::xml_node element = root;
  pugi::xml_node next = root.first_child();
  while (within_document()) {
    if (!next) {
      close();
      if (open_.empty()) return true;
      next = element.next_sibling();
      element = element.parent();
    } else if (next.type() == pugi::node_element) {
      if (!open(next)) return false;
      element = next;
      next = element.first_child();
    } else {
      // Comments, instructions and a DOCTYPE in the middle are dropped.
      const bool content = next.type() == pugi::node_pcdata || next.type() == pugi::node_cdata;
      if (content && !text(next)) return false;
      next = next.next_sibling();
    }
  }
  return false;
}

Result<void> LenientXml::Writer::read(std::string_view bytes, XmlTape& tape) {
  if (bytes.size() > limits_.document.count) {
    return malformed(fmt::format("the document has {} bytes, more than limits.document of {}",
                                 bytes.size(), to_string(limits_.document)));
  }
  constexpr unsigned kFlags = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_doctype |
                              pugi::parse_wconv_attribute | pugi::parse_eol | pugi::parse_ws_pcdata;
  const pugi::xml_parse_result parsed = document_.load_buffer(bytes.data(), bytes.size(), kFlags);
  if (!parsed) {
    std::string what = parsed.description();
    what[0] = static_cast<char>(std::tolower(what[0]));
    return malformed(fmt::format("byte {}: {}", parsed.offset, what));
  }
  for (const pugi::xml_node node : document_.children()) {
    if (node.type() == pugi::node_doctype && !accept_doctype_) {
      return malformed("a DOCTYPE is not accepted here; send the document without one");
    }
  }
  tape.nodes.clear();
  tape.root = 0;
  tape_ = &tape;
  out_.clear();
  open_.clear();
  failure_.clear();
  if (!walk(document_.document_element())) return malformed(failure_);
  tape.source = out_;
  return {};
}

LenientXml::LenientXml(const XmlLimits& limits, bool accept_doctype)
    : writer_(std::make_unique<Writer>(limits, accept_doctype)) {}
LenientXml::~LenientXml() = default;
LenientXml::LenientXml(LenientXml&&) noexcept = default;
LenientXml& LenientXml::operator=(LenientXml&&) noexcept = default;

Result<void> LenientXml::read(std::string_view bytes, XmlTape& tape) {
  return writer_->read(bytes, tape);
}

}  // namespace docmill
