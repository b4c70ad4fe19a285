// Tags, attributes and references: the other half of xml_scanner.cpp.
#include <fmt/format.h>

#include <algorithm>

#include "shared/document/xml_chars.h"
#include "shared/document/xml_scanner.h"

namespace docmill {

const char* XmlScanner::qname(const char* p, bool& prefixed) {
  const char* begin = p;
  p = skip_ncname(p, end_);
  if (p == begin) return fail(p, fmt::format("expected a name, found {}", found(p)));
  if (p != end_ && *p == ':') {
    const char* local = p + 1;
    p = skip_ncname(local, end_);
    if (p == local) return fail(p, fmt::format("expected a name after ':', found {}", found(p)));
    prefixed = true;
  }
  if (static_cast<std::uint64_t>(p - begin) > limits_.name.count) {
    return fail(begin, fmt::format("a name of {} bytes, more than limits.name of {}", p - begin,
                                   to_string(limits_.name)));
  }
  return p;
}

const char* XmlScanner::start_tag(const char* p) {
  if (open_.size() >= limits_.depth) {
    return fail(p, fmt::format("more than {} elements inside each other; raise limits.depth",
                               limits_.depth));
  }
  const char* name = p + 1;
  prefixed_ = false;
  p = qname(name, prefixed_);
  if (p == nullptr) return nullptr;
  const Open open{static_cast<std::uint32_t>(tape_->nodes.size()),
                  static_cast<std::uint32_t>(namespaces_.mark())};
  if (!open_.empty()) tape_->nodes[open_.back().node].has_elements = true;
  push(XmlNode::Kind::kElement, name, p);

  const std::size_t first = tape_->nodes.size();
  bool empty = false;
  for (;;) {
    const char* space = p;
    p = skip_space(p, end_);
    if (p != end_ && *p == '>') {
      ++p;
      break;
    }
    if (p != end_ && *p == '/' && looks_at(p, "/>")) {
      p += 2;
      empty = true;
      break;
    }
    if (p == space || p == end_) {
      return fail(p, fmt::format("expected white space, '/>' or '>' in the tag of '{}', found {}",
                                 tape_->text(tape_->nodes[open.node]), found(p)));
    }
    p = attribute(p);
    if (p == nullptr) return nullptr;
  }
  if (tape_->nodes.size() - first > 1 && !distinct_attributes(first)) return nullptr;
  if (prefixed_ && !right_namespaces(open, first)) return nullptr;
  if (!empty) {
    open_.push_back(open);
  } else {
    tape_->nodes[open.node].end = static_cast<std::uint32_t>(tape_->nodes.size());
    namespaces_.release(open.namespaces);
  }
  return p;
}

const char* XmlScanner::attribute(const char* p) {
  const char* name = p;
  p = qname(name, prefixed_);
  if (p == nullptr) return nullptr;
  XmlNode& node = push(XmlNode::Kind::kAttribute, name, p);
  if (node.length == 5 && tape_->text(node) == "xmlns") prefixed_ = true;
  p = skip_space(p, end_);
  if (p == end_ || *p != '=') {
    return fail(
        p, fmt::format("expected '=' after attribute '{}', found {}", tape_->text(node), found(p)));
  }
  p = skip_space(p + 1, end_);
  if (p == end_ || (*p != '"' && *p != '\'')) {
    return fail(p, fmt::format("expected a quoted value of attribute '{}', found {}",
                               tape_->text(node), found(p)));
  }
  return attribute_value(p, node);
}

const char* XmlScanner::attribute_value(const char* p, XmlNode& node) {
  const char* opening = p;
  const char quote = *p++;
  for (;;) {
    p = skip_plain<true>(p, end_, quote, '<', '&');
    if (p == end_) {
      return fail(opening, fmt::format("the value of attribute '{}' does not end; expected {}",
                                       tape_->text(node), quote));
    }
    if (*p == quote) break;
    if (*p == '<') return fail(p, "'<' is not allowed in an attribute value; write '&lt;'");
    if (*p == '&') {
      node.exact = false;
      p = reference(p);
      if (p == nullptr) return nullptr;
    } else if (is_space(*p)) {
      node.exact = false;
      ++p;
    } else {
      const char* run = p;
      p = (char_class(*p) & kWide) != 0 ? skip_wide(p, end_) : nullptr;
      if (p == nullptr) return bad_character(run);
    }
  }
  if (!within_token_limit(opening + 1, p)) return nullptr;
  node.value = offset(opening + 1);
  node.value_length = static_cast<std::uint32_t>(p - opening - 1);
  return p + 1;
}

const char* XmlScanner::end_tag(const char* p) {
  const Open open = open_.back();
  XmlNode& element = tape_->nodes[open.node];
  const std::string_view name = tape_->text(element);
  const char* after = p + 2;
  const bool same = looks_at(after, name);
  if (same) after = skip_space(after + name.size(), end_);
  if (!same || after == end_ || *after != '>') {
    return fail(p, fmt::format("expected '</{}>', found another end tag or none", name));
  }
  element.end = static_cast<std::uint32_t>(tape_->nodes.size());
  namespaces_.release(open.namespaces);
  open_.pop_back();
  return after + 1;
}

const char* XmlScanner::reference(const char* p) {
  if (end_ - p > 1 && p[1] == '#') return character_reference(p);
  const char* after = skip_ncname(p + 1, end_);
  if (after == p + 1 || after == end_ || *after != ';') {
    return fail(p, "'&' begins no reference; write '&amp;'");
  }
  const std::string_view name(p + 1, static_cast<std::size_t>(after - p - 1));
  if (name != "lt" && name != "gt" && name != "amp" && name != "quot" && name != "apos") {
    return fail(p, fmt::format("entity '{}' is not declared", name));
  }
  return after + 1;
}

const char* XmlScanner::character_reference(const char* p) {
  const bool hex = end_ - p > 2 && p[2] == 'x';
  const char* digits = p + (hex ? 3 : 2);
  const char* q = digits;
  std::uint32_t c = 0;
  for (; q != end_; ++q) {
    const char lower = static_cast<char>(*q | 0x20);
    std::uint32_t digit = 0;
    if (*q >= '0' && *q <= '9') {
      digit = static_cast<std::uint32_t>(*q - '0');
    } else if (hex && lower >= 'a' && lower <= 'f') {
      digit = static_cast<std::uint32_t>(lower - 'a' + 10);
    } else {
      break;
    }
    c = std::min(c * (hex ? 16 : 10) + digit, 0x110000u);  // above every character, and stays there
  }
  if (q == digits || q == end_ || *q != ';') {
    return fail(p, "a character reference that is not '&#' digits ';' or '&#x' hex digits ';'");
  }
  if (!is_xml_char(c)) {
    return fail(p, fmt::format("'{}' refers to a character that XML does not allow",
                               std::string_view(p, static_cast<std::size_t>(q + 1 - p))));
  }
  return q + 1;
}

bool XmlScanner::distinct_attributes(std::size_t first) {
  const std::span attributes = std::span(tape_->nodes).subspan(first);
  if (attributes.size() > limits_.attributes) {
    fail(begin_ + attributes.front().start,
         fmt::format("an element with {} attributes, more than limits.attributes of {}",
                     attributes.size(), limits_.attributes));
    return false;
  }
  // Few names are compared pair by pair; many are sorted, so that the time stays near linear.
  constexpr std::size_t kFew = 8;
  std::string_view twin;
  if (attributes.size() <= kFew) {
    for (std::size_t i = 1; i < attributes.size(); ++i) {
      for (std::size_t k = 0; k < i; ++k) {
        if (attributes[i].length != attributes[k].length) continue;
        if (tape_->text(attributes[i]) == tape_->text(attributes[k]))
          twin = tape_->text(attributes[i]);
      }
    }
  } else {
    names_.clear();
    for (const XmlNode& node : attributes) names_.push_back(tape_->text(node));
    std::sort(names_.begin(), names_.end());
    const auto same = std::adjacent_find(names_.begin(), names_.end());
    if (same != names_.end()) twin = *same;
  }
  if (twin.empty()) return true;
  fail(twin.data(), fmt::format("attribute '{}' is given twice; keep one", twin));
  return false;
}

bool XmlScanner::right_namespaces(const Open& open, std::size_t first) {
  const XmlNode* wrong = nullptr;
  std::string finding = namespaces_.enter(*tape_, tape_->nodes[open.node],
                                          std::span(tape_->nodes).subspan(first), wrong);
  if (finding.empty()) return true;
  fail(begin_ + wrong->start, std::move(finding));
  return false;
}

}  // namespace docmill
