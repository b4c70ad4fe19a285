// XmlScanner: the strict guard. In one pass it decides whether bytes are a well-formed document
// with right namespaces, and leaves a tape of its nodes.
//
// It judges documents in UTF-8 without an internal DTD subset, and gives the others back unjudged.
// The verdict is expat's (with namespaces on), except for names: those follow the 5th edition of
// XML 1.0, expat's the 4th. A scanner keeps its memory from document to document. Not for several
// threads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/document/xml_limits.h"
#include "shared/document/xml_namespaces.h"
#include "shared/document/xml_tape.h"

namespace docmill {

class XmlScanner {
 public:
  enum class Verdict {
    kAccepted,    // the tape is complete
    kNeedsExpat,  // a DOCTYPE that declares, an encoding or a spelling that is not ours
  };

  // accept_doctype: judge documents whose DOCTYPE has no internal subset; what only its outer part
  // declares is then not declared.
  XmlScanner(const XmlLimits& limits, bool accept_doctype)
      : limits_(limits), accept_doctype_(accept_doctype), namespaces_(limits.namespaces) {}

  // Failure: kMalformed, "line 3, column 7: ...". The tape points into bytes.
  Result<Verdict> scan(std::string_view bytes, XmlTape& tape);

 private:
  struct Open {
    std::uint32_t node;        // index of the element
    std::uint32_t namespaces;  // declarations in scope before it
  };

  // Each takes the place where its construct begins and returns the place after it; nullptr when
  // failure_ was set.
  const char* prolog(const char* p);
  const char* declaration(const char* p);
  const char* doctype(const char* p);
  const char* content(const char* p);
  const char* epilog(const char* p);
  const char* start_tag(const char* p);
  const char* attribute(const char* p);
  const char* attribute_value(const char* p, XmlNode& node);
  const char* end_tag(const char* p);
  const char* text(const char* p);
  const char* reference(const char* p);
  const char* character_reference(const char* p);
  const char* comment(const char* p);
  const char* instruction(const char* p);
  const char* cdata(const char* p);
  const char* qname(const char* p, bool& prefixed);
  // From p over any allowed characters to the first place where `terminator` stands.
  const char* find_terminator(const char* p, std::string_view terminator, std::string_view what);

  bool distinct_attributes(std::size_t first);
  bool right_namespaces(const Open& open, std::size_t first);
  bool within_token_limit(const char* begin, const char* end) {
    return static_cast<std::uint64_t>(end - begin) <= limits_.token.count || too_long(begin, end);
  }
  bool too_long(const char* begin, const char* end);  // fails; always false
  bool looks_at(const char* p, std::string_view text) const {
    return std::string_view(p, static_cast<std::size_t>(end_ - p)).starts_with(text);
  }
  // What stands at p, for messages.
  std::string found(const char* p) const;
  const char* fail(const char* at, std::string text);
  const char* bad_character(const char* at);

  std::uint32_t offset(const char* p) const { return static_cast<std::uint32_t>(p - begin_); }
  XmlNode& push(XmlNode::Kind kind, const char* begin, const char* end) {
    XmlNode& node = tape_->nodes.emplace_back();
    node.start = offset(begin);
    node.length = static_cast<std::uint32_t>(end - begin);
    node.kind = kind;
    return node;
  }

  XmlLimits limits_;
  bool accept_doctype_;
  XmlNamespaces namespaces_;
  const char* begin_ = nullptr;
  const char* end_ = nullptr;
  XmlTape* tape_ = nullptr;
  std::vector<Open> open_;
  std::vector<std::string_view> names_;  // of one element's attributes, to find repeats
  bool prefixed_ = false;                // the element at hand has a prefix or a declaration
  bool needs_expat_ = false;
  const char* failed_at_ = nullptr;
  std::string failure_;
};

}  // namespace docmill
