// The document between the tags: text, comments, instructions, the end. See also
// xml_scanner_prolog.cpp and xml_scanner_tags.cpp.
#include "shared/document/xml_scanner.h"

#include <fmt/format.h>

#include "shared/base/check.h"
#include "shared/document/xml_chars.h"
#include "shared/document/xml_text.h"

namespace docmill {

Result<XmlScanner::Verdict> XmlScanner::scan(std::string_view bytes, XmlTape& tape) {
  DOCMILL_CHECK(limits_.document.count < (1ULL << 32), "limits.document is {} bytes",
                limits_.document.count);
  if (bytes.size() > limits_.document.count) {
    return malformed(fmt::format("the document has {} bytes, more than limits.document of {}",
                                 bytes.size(), to_string(limits_.document)));
  }
  begin_ = bytes.data();
  end_ = begin_ + bytes.size();
  tape.source = bytes;
  tape.nodes.clear();
  tape_ = &tape;
  open_.clear();
  namespaces_.clear();
  needs_expat_ = false;
  failed_at_ = nullptr;

  const char* p = prolog(begin_);
  if (needs_expat_) return Verdict::kNeedsExpat;
  tape.root = static_cast<std::uint32_t>(tape.nodes.size());
  if (p != nullptr) p = start_tag(p);
  if (p != nullptr && !open_.empty()) p = content(p);
  if (p != nullptr) p = epilog(p);
  if (p != nullptr) return Verdict::kAccepted;
  const TextPlace place = locate(bytes, static_cast<std::size_t>(failed_at_ - begin_));
  return malformed(fmt::format("line {}, column {}: {}", place.line, place.column, failure_));
}

const char* XmlScanner::fail(const char* at, std::string text) {
  failed_at_ = at;
  failure_ = std::move(text);
  return nullptr;
}

std::string XmlScanner::found(const char* p) const {
  if (p == end_) return "the end of the document";
  const auto c = static_cast<unsigned char>(*p);
  if (c < 0x20 || c == 0x7F) return fmt::format("character 0x{:02x}", c);
  if (c < 0x80) return fmt::format("'{}'", *p);
  const int length = wide_length(p, end_);
  if (length == 0) return fmt::format("byte 0x{:02x}", c);
  return fmt::format("'{}'", std::string_view(p, static_cast<std::size_t>(length)));
}

const char* XmlScanner::bad_character(const char* at) {
  if (static_cast<unsigned char>(*at) >= 0x80) {
    // Of a run of wide characters the first bad one is at fault.
    while (const int length = wide_length(at, end_)) at += length;
    return fail(at, fmt::format("byte 0x{:02x} does not begin a character of UTF-8 that XML allows",
                                static_cast<unsigned char>(*at)));
  }
  return fail(at, fmt::format("{} is not allowed in XML", found(at)));
}

bool XmlScanner::too_long(const char* begin, const char* end) {
  fail(begin, fmt::format("a text, value or comment of {} bytes, more than limits.token of {}",
                          end - begin, to_string(limits_.token)));
  return false;
}

const char* XmlScanner::content(const char* p) {
  while (p != nullptr) {
    if (p == end_) {
      const std::string_view name = tape_->text(tape_->nodes[open_.back().node]);
      return fail(
          p, fmt::format("the document ends inside element '{}'; expected '</{}>'", name, name));
    }
    if (*p != '<') {
      p = text(p);
    } else if (end_ - p < 2) {
      return fail(p, "the document ends inside a tag");
    } else if (p[1] == '/') {
      p = end_tag(p);
      if (open_.empty()) return p;
    } else if (p[1] == '?') {
      p = instruction(p);
    } else if (p[1] != '!') {
      p = start_tag(p);
    } else if (looks_at(p, "<!--")) {
      p = comment(p);
    } else {
      p = cdata(p);
    }
  }
  return nullptr;
}

const char* XmlScanner::epilog(const char* p) {
  for (;;) {
    p = skip_space(p, end_);
    if (p == end_) return p;
    if (looks_at(p, "<?")) {
      p = instruction(p);
    } else if (looks_at(p, "<!--")) {
      p = comment(p);
    } else {
      return fail(p,
                  fmt::format("expected the end of the document after the root element, found {}",
                              found(p)));
    }
    if (p == nullptr) return nullptr;
  }
}

const char* XmlScanner::text(const char* p) {
  const char* begin = p;
  bool exact = true;
  for (; p != end_ && is_space(*p); ++p) exact = exact && *p != '\r';
  const bool blank = p != end_ && *p == '<';
  while (!blank) {
    p = skip_plain<false>(p, end_, '<', '&', ']');
    if (p == end_ || *p == '<') break;
    if (*p == '&') {
      exact = false;
      p = reference(p);
      if (p == nullptr) return nullptr;
    } else if (*p == ']') {
      if (looks_at(p, "]]>")) return fail(p, "']]>' is not allowed in text; write ']]&gt;'");
      ++p;
    } else if (*p == '\r') {
      exact = false;
      ++p;
    } else {
      const char* run = p;
      p = (char_class(*p) & kWide) != 0 ? skip_wide(p, end_) : nullptr;
      if (p == nullptr) return bad_character(run);
    }
  }
  if (!within_token_limit(begin, p)) return nullptr;
  push(XmlNode::Kind::kText, begin, p).exact = exact;
  if (!blank) tape_->nodes[open_.back().node].has_text = true;
  return p;
}

const char* XmlScanner::find_terminator(const char* p, std::string_view terminator,
                                        std::string_view what) {
  const char* begin = p;
  const char first = terminator[0];
  for (;;) {
    p = skip_plain<false>(p, end_, first, first, first);
    if (p == end_)
      return fail(begin, fmt::format("a {} that does not end; expected '{}'", what, terminator));
    if (looks_at(p, terminator)) return within_token_limit(begin, p) ? p : nullptr;
    if (*p == first || *p == '\r') {
      ++p;
      continue;
    }
    const char* run = p;
    p = (char_class(*p) & kWide) != 0 ? skip_wide(p, end_) : nullptr;
    if (p == nullptr) return bad_character(run);
  }
}

const char* XmlScanner::comment(const char* p) {
  const char* begin = p + 4;
  p = find_terminator(begin, "--", "comment");
  if (p == nullptr) return nullptr;
  if (!looks_at(p, "-->")) return fail(p, "'--' is not allowed in a comment");
  XmlNode& node = push(XmlNode::Kind::kComment, begin, p);
  node.exact = tape_->text(node).find('\r') == std::string_view::npos;
  if (!open_.empty()) tape_->nodes[open_.back().node].has_comments = true;
  return p + 3;
}

const char* XmlScanner::instruction(const char* p) {
  const char* name = p + 2;
  const char* after = skip_ncname(name, end_);
  if (after == name) {
    return fail(
        name, fmt::format("expected the name of a processing instruction, found {}", found(name)));
  }
  if (after - name == 3 && (name[0] | 0x20) == 'x' && (name[1] | 0x20) == 'm' &&
      (name[2] | 0x20) == 'l') {
    return fail(p, "an XML declaration is only allowed at the very beginning");
  }
  if (!open_.empty()) tape_->nodes[open_.back().node].has_instructions = true;
  XmlNode& node = push(XmlNode::Kind::kInstruction, name, after);
  if (looks_at(after, "?>")) return after + 2;
  if (after == end_ || !is_space(*after)) {
    return fail(after, fmt::format("expected white space or '?>' after the name of a processing "
                                   "instruction, found {}",
                                   found(after)));
  }
  p = find_terminator(after, "?>", "processing instruction");
  if (p == nullptr) return nullptr;
  const char* data = skip_space(after, p);
  node.value = offset(data);
  node.value_length = static_cast<std::uint32_t>(p - data);
  node.exact = tape_->value(node).find('\r') == std::string_view::npos;
  return p + 2;
}

const char* XmlScanner::cdata(const char* p) {
  constexpr std::string_view kOpening = "<![CDATA[";
  if (!looks_at(p, kOpening))
    return fail(p, "'<!' begins neither a comment nor a CDATA section here");
  const char* begin = p + kOpening.size();
  p = find_terminator(begin, "]]>", "CDATA section");
  if (p == nullptr) return nullptr;
  XmlNode& node = push(XmlNode::Kind::kCdata, begin, p);
  node.exact = tape_->text(node).find('\r') == std::string_view::npos;
  tape_->nodes[open_.back().node].has_text = true;
  return p + 3;
}

}  // namespace docmill
