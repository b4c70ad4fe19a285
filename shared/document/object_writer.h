// ObjectWriter: XML as JSON objects, the conventions `compact`, `badgerfish` and `parker`.
//
//   <book id="7"><a>x</a><a>y</a><b/>text</book>
//   {"book":{"@id":"7","a":["x","y"],"b":null,"#text":"text"}}
//
// Names keep their prefix unless asked otherwise, repeated elements become an array at the place of
// the first, all text of an element is joined, values are strings unless types are given. How the
// conventions differ is a row of object_rules(). The tape goes straight to text; there is no JSON
// tree in between.
//
// A writer keeps its memory from document to document. Not for several threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/result.h"
#include "shared/document/child_groups.h"
#include "shared/document/json_buffer.h"
#include "shared/document/json_options.h"
#include "shared/document/list_writer.h"
#include "shared/document/loss.h"
#include "shared/document/xml_tape.h"
#include "shared/document/xml_text.h"

namespace docmill {

class ObjectWriter {
 public:
  // json: where the document is written to; must outlive the writer.
  ObjectWriter(const JsonOptions& options, JsonBuffer& json);

  // names: of the nodes, by index, in place of those on the tape; may be null. What is lost, or a
  // value that is not of its type: kMalformed, "line 3, column 7: ...".
  Result<Losses> write(const XmlTape& tape, const std::vector<std::string_view>* names);

 private:
  std::string_view name(std::uint32_t node) const {
    return names_ == nullptr ? tape_->text(tape_->nodes[node]) : (*names_)[node];
  }
  bool has_children(const XmlNode& element) const;
  bool has_cdata(std::uint32_t element) const;
  // Order comes with the groups.
  Losses losses_of(const XmlNode& element) const;
  // An object begins with its first member: without one an element is not an object.
  void begin_member(bool& first) { json_.put(std::exchange(first, false) ? '{' : ','); }

  void write_document();
  void write_groups(std::uint32_t head, bool& first);
  void write_group(std::uint32_t head);
  void write_child(std::uint32_t node);
  void write_element(std::uint32_t element);
  void write_children(std::uint32_t element, bool& first);
  void enter_scope(std::uint32_t element);
  void write_scope(bool& first);
  void write_attributes(std::uint32_t element, bool& first);

  // An element that is nothing but text, or nothing at all.
  void write_plain(std::uint32_t element);
  void write_texts(std::uint32_t element, bool& first);
  void write_text(std::string_view key, std::string_view text, std::uint32_t element, bool& first);
  // The element's own text, joined, its white space as the policy has it; valid until the next
  // call. cdata: where CDATA sections are said apart, these.
  std::string_view own_text(std::uint32_t element, bool cdata);
  // attribute: whose value it is; empty: the element's text.
  void write_value(std::string_view text, std::uint32_t element, std::string_view attribute) {
    types_values_ ? write_typed(text, element, attribute) : json_.put_string(text);
  }
  void write_typed(std::string_view text, std::uint32_t element, std::string_view attribute);
  std::string_view decoded(std::string_view bytes, bool exact, XmlContent content) {
    if (exact) return bytes;
    scratch_.clear();
    append_decoded(scratch_, bytes, content);
    return scratch_;
  }

  JsonOptions options_;
  ObjectRules rules_;
  WhitespacePolicy whitespace_;
  bool keeps_path_;
  bool types_values_;
  JsonBuffer& json_;
  ListWriter list_;
  ChildGroups groups_;

  const XmlTape* tape_ = nullptr;
  const std::vector<std::string_view>* names_ = nullptr;
  Losses losses_;
  std::optional<Error> failure_;
  std::string scratch_;
  std::vector<std::string_view> path_;  // names from the root to the element at hand, if asked for
  struct Binding {
    std::string_view prefix;
    std::uint32_t node;  // the attribute
  };
  std::vector<Binding> scope_;  // if the convention says it
};

}  // namespace docmill
