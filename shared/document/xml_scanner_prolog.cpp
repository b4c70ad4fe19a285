// What comes before the root element, and what decides whether the document is judged here at all.
#include <fmt/format.h>

#include "shared/document/xml_chars.h"
#include "shared/document/xml_scanner.h"

namespace docmill {

const char* XmlScanner::prolog(const char* p) {
  if (end_ - p >= 2) {
    // A byte order mark of UTF-16, or a zero byte beside the first '<', as UTF-16 has it.
    const auto first = static_cast<unsigned char>(p[0]);
    const auto second = static_cast<unsigned char>(p[1]);
    needs_expat_ = first == 0xFE || first == 0xFF || first == 0 || second == 0;
    if (needs_expat_) return nullptr;
  }
  if (looks_at(p, "\xEF\xBB\xBF")) p += 3;
  if (looks_at(p, "<?xml") && end_ - p > 5 && is_space(p[5])) {
    p = declaration(p);
    if (p == nullptr) {
      needs_expat_ = true;
      return nullptr;
    }
  }
  bool seen_doctype = false;
  for (;;) {
    p = skip_space(p, end_);
    if (p == end_) return fail(p, "no element; expected a root element");
    if (looks_at(p, "<!DOCTYPE") && !seen_doctype) {
      p = accept_doctype_ ? doctype(p) : nullptr;
      if (p == nullptr) {
        needs_expat_ = true;
        return nullptr;
      }
      seen_doctype = true;
      continue;
    }
    if (looks_at(p, "<?")) {
      p = instruction(p);
    } else if (looks_at(p, "<!--")) {
      p = comment(p);
    } else if (*p == '<') {
      return p;
    } else {
      return fail(p, fmt::format("expected '<' of the root element, found {}", found(p)));
    }
    if (p == nullptr) return nullptr;
  }
}

// The usual spellings only, all of them right; nullptr (without a failure) for every other one,
// which expat then judges.
const char* XmlScanner::declaration(const char* p) {
  p = skip_space(p + 5, end_);
  const auto quoted = [this, &p](std::string_view name, std::string_view value) {
    if (!looks_at(p, name)) return false;
    const char* q = p + name.size();
    if (q == end_ || (*q != '"' && *q != '\'')) return false;
    const char quote = *q++;
    if (!looks_at(q, value)) return false;
    q += value.size();
    if (q == end_ || *q != quote) return false;
    p = q + 1;
    return true;
  };
  if (!quoted("version=", "1.0")) return nullptr;
  const char* after = p;
  p = skip_space(p, end_);
  if (p != after && (quoted("encoding=", "UTF-8") || quoted("encoding=", "utf-8"))) {
    after = p;
    p = skip_space(p, end_);
  }
  if (p != after && (quoted("standalone=", "yes") || quoted("standalone=", "no"))) {
    p = skip_space(p, end_);
  }
  return looks_at(p, "?>") ? p + 2 : nullptr;
}

// <!DOCTYPE name>, or with SYSTEM "..." or PUBLIC "..." "..."; nullptr (without a failure) for
// everything else.
const char* XmlScanner::doctype(const char* p) {
  p += std::string_view("<!DOCTYPE").size();
  const auto space = [this, &p] {
    const char* begin = p;
    p = skip_space(p, end_);
    return p != begin;
  };
  const auto literal = [this, &p, &space] {
    if (!space() || p == end_ || (*p != '"' && *p != '\'')) return false;
    const char quote = *p++;
    constexpr std::string_view kPlain =
        " -()+,./:=?;!*#@$_%";  // as people write; PubidChar has no more
    while (p != end_ && ((char_class(*p) & kNameChar) != 0 || kPlain.find(*p) != kPlain.npos)) ++p;
    return p != end_ && *p++ == quote;
  };
  bool prefixed = false;
  if (!space()) return nullptr;
  p = qname(p, prefixed);
  if (p == nullptr) return nullptr;
  if (space()) {
    const bool is_public = looks_at(p, "PUBLIC");
    if (is_public || looks_at(p, "SYSTEM")) {
      p += 6;
      if (is_public && !literal()) return nullptr;
      if (!literal()) return nullptr;
      space();
    }
  }
  return p != end_ && *p == '>' ? p + 1 : nullptr;
}

}  // namespace docmill
