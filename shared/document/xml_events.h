// XmlEvents: a document of XML as a series of events, as SAX has them.
//
// The whole document is checked first: of one that is no XML there is no event. Files that are
// larger than a document are cut into records before (xml_splitter.h). Keeps its memory from
// document to document. Not for several threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/document/xml_reader.h"

namespace docmill {

// An attribute as it means: references expanded, names as they are written, prefix included.
struct XmlAttribute {
  std::string_view name;
  std::string_view value;
  bool operator==(const XmlAttribute&) const = default;
};

// The attributes of one element, in document order.
class XmlAttributes {
 public:
  const std::vector<XmlAttribute>& all() const { return all_; }
  // Of that name; empty where the element has none.
  std::string_view operator[](std::string_view name) const;

 private:
  friend class XmlEvents;
  std::vector<XmlAttribute> all_;
};

// What is told. Everything it is given is valid during the call only.
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual void start_element(std::string_view name, const XmlAttributes& attributes) = 0;
  // All text between two tags at once, CDATA sections with it; never empty.
  virtual void characters(std::string_view text) = 0;
  virtual void end_element(std::string_view name) = 0;
};

class XmlEvents {
 public:
  explicit XmlEvents(const XmlReadOptions& options = {}) : reader_(options) {}

  // Failure: kMalformed, "line 3, column 7: ...", before the first event.
  Result<void> read(std::string_view bytes, XmlHandler& handler);

 private:
  void start(const XmlTape& tape, std::uint32_t element, XmlHandler& handler);
  void tell_text(XmlHandler& handler);

  XmlReader reader_;
  std::vector<std::uint32_t> open_;  // elements
  XmlAttributes attributes_;
  std::string values_;
  std::string text_;
};

}  // namespace docmill
