#include "shared/document/checked_xml.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/document/utf8.h"
#include "shared/document/xml_text.h"

namespace docmill {
namespace {

// For messages: the beginning of a text, cut between characters.
std::string_view beginning(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && length < 40) length += utf8_length(text.substr(length));
  return text.substr(0, length);
}

bool is_reserved(std::string_view target) {
  return target.size() == 3 && (target[0] | 0x20) == 'x' && (target[1] | 0x20) == 'm' &&
         (target[2] | 0x20) == 'l';
}

}  // namespace

bool CheckedXml::fail(std::string text) {
  failure_ = std::move(text);
  return false;
}

bool CheckedXml::carries(std::string_view content) {
  return is_xml_text(content) || fail("the text has a character that XML cannot carry");
}

void CheckedXml::end_tag() {
  if (tag_open_) out_ += '>';
  tag_open_ = false;
}

bool CheckedXml::open(std::string_view name) {
  if (!is_qname(name)) {
    return fail(fmt::format("expected a name of an element, found '{}'", beginning(name)));
  }
  end_tag();
  (out_ += '<') += name;
  tag_open_ = true;
  return true;
}

bool CheckedXml::attribute(std::string_view name, std::string_view value) {
  if (!is_qname(name)) {
    return fail(fmt::format("expected a name of an attribute, found '{}'", beginning(name)));
  }
  if (!carries(value)) return false;
  ((out_ += ' ') += name) += "=\"";
  append_attribute(out_, value);
  out_ += '"';
  return true;
}

bool CheckedXml::text(std::string_view content) {
  if (content.empty()) return true;
  if (!carries(content)) return false;
  end_tag();
  append_text(out_, content);
  return true;
}

bool CheckedXml::comment(std::string_view content) {
  if (!carries(content)) return false;
  if (content.find("--") != std::string_view::npos || content.ends_with('-') ||
      content.find('\r') != std::string_view::npos) {
    return fail("a comment of XML cannot have '--', '-' at its end or a carriage return");
  }
  end_tag();
  ((out_ += "<!--") += content) += "-->";
  return true;
}

bool CheckedXml::instruction(std::string_view target, std::string_view content) {
  if (!is_qname(target) || target.find(':') != std::string_view::npos || is_reserved(target)) {
    return fail(fmt::format("expected a target of an instruction, found '{}'", beginning(target)));
  }
  if (!carries(content)) return false;
  if (content.find("?>") != std::string_view::npos ||
      content.find('\r') != std::string_view::npos ||
      (!content.empty() && std::string_view(" \t\n").find(content[0]) != std::string_view::npos)) {
    return fail("an instruction of XML cannot have '?>', a carriage return or white space first");
  }
  end_tag();
  (out_ += "<?") += target;
  if (!content.empty()) (out_ += ' ') += content;
  out_ += "?>";
  return true;
}

bool CheckedXml::cdata(std::string_view content) {
  if (!carries(content)) return false;
  if (content.find('\r') != std::string_view::npos) {
    return fail("a CDATA section cannot have a carriage return; make it text");
  }
  end_tag();
  out_ += "<![CDATA[";
  for (std::size_t at = 0; (at = content.find("]]>")) != std::string_view::npos;) {
    (out_ += content.substr(0, at + 2)) += "]]><![CDATA[";
    content.remove_prefix(at + 2);
  }
  (out_ += content) += "]]>";
  return true;
}

void CheckedXml::close(std::string_view name) {
  if (tag_open_) {
    out_ += "/>";
  } else {
    ((out_ += "</") += name) += '>';
  }
  tag_open_ = false;
}

}  // namespace docmill
