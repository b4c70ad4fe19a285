// The namespace rules of one document while it is scanned: which prefixes are declared where, and
// which names two attributes of an element may not share.
//
// Used by the scanner only for elements that carry a prefix or a declaration. Not for several
// threads.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/document/xml_tape.h"

namespace docmill {

class XmlNamespaces {
 public:
  explicit XmlNamespaces(std::uint32_t limit) : limit_(limit) {}

  void clear();
  // Declarations made after a mark end when it is released.
  std::size_t mark() const { return bindings_.size(); }
  void release(std::size_t mark) {
    if (bindings_.size() > mark) bindings_.resize(mark);
  }

  // Takes in the element's declarations and judges its names. Empty: all is well; else what is
  // wrong, and `wrong` is the node to point at.
  std::string enter(const XmlTape& tape, const XmlNode& element,
                    std::span<const XmlNode> attributes, const XmlNode*& wrong);

 private:
  struct Binding {
    std::string_view prefix;
    std::string_view uri;
  };

  std::string declare(std::string_view prefix, const XmlTape& tape, const XmlNode& attribute);
  const Binding* find(std::string_view prefix) const;
  std::string judge_attributes(const XmlTape& tape, std::span<const XmlNode> attributes,
                               const XmlNode*& wrong);

  std::uint32_t limit_;
  std::vector<Binding> bindings_;
  std::deque<std::string> decoded_;  // URIs that are not written out in the document
  struct Expanded {
    std::string_view uri;
    std::string_view local;
    const XmlNode* node;
  };
  std::vector<Expanded> expanded_;
};

}  // namespace docmill
