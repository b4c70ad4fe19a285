// ListWriter: XML as JSON lists in document order, the conventions `ordered` and `jsonml`.
//
//   document  element, or {"#document":[...]} where comments or instructions stand around it
//   element   ["name", {"attribute":"value", ...}, content, ...]   the object only if there are
//   some content   element, "text", {"#comment":"text"}, {"#pi":["target","data"]},
//   {"#cdata":"text"}
//
// The tape goes straight to text. A writer keeps its memory. Not for several threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/document/json_buffer.h"
#include "shared/document/json_convention.h"
#include "shared/document/loss.h"
#include "shared/document/xml_tape.h"

namespace docmill {

class ListWriter {
 public:
  // The buffer must outlive the writer; whitespace: not kUsual.
  ListWriter(ListRules rules, WhitespacePolicy whitespace, JsonBuffer& json)
      : rules_(rules), whitespace_(whitespace), json_(json) {}

  // names: of the nodes, by index, in place of those on the tape; may be null.
  void begin(const XmlTape& tape, const std::vector<std::string_view>* names) {
    tape_ = &tape;
    names_ = names;
    losses_ = {};
  }
  void write_document();
  // The contents of the element, as the items of a list that the caller brackets.
  void write_contents(std::uint32_t element);
  // Since begin().
  Losses losses() const { return losses_; }

 private:
  void write_element(std::uint32_t element);
  void write_attributes(std::uint32_t element);
  // What stands in [first, end): the items, each after a comma unless it is the first.
  void write_items(std::uint32_t first, std::uint32_t end, bool& comma);
  void write_aside(const XmlNode& node);
  void write_decoded(std::string_view bytes, bool exact, bool attribute);
  void add_text(const XmlNode& node);
  void flush_text(bool& comma);
  bool drops_blanks(const XmlNode& element) const;

  ListRules rules_;
  WhitespacePolicy whitespace_;
  JsonBuffer& json_;
  const XmlTape* tape_ = nullptr;
  const std::vector<std::string_view>* names_ = nullptr;
  Losses losses_;
  std::string text_;  // since the last item that is not text
  std::string scratch_;
  bool drop_blanks_ = false;  // of the element at hand: text of nothing but white space
};

}  // namespace docmill
