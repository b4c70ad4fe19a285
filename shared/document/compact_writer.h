// CompactWriter: XML as JSON in the `compact` convention, which is xmltodict's.
//
//   <book id="7"><a>x</a><a>y</a><b/>text</book>
//   {"book":{"@id":"7","a":["x","y"],"b":null,"#text":"text"}}
//
// Attributes are '@name' (declarations of namespaces too), names keep their prefix, repeated
// elements become an array at the place of the first, all text of an element is joined and
// stripped, empty is null, values are strings. The tape goes straight to text; there is no JSON
// tree in between.
//
// A writer keeps its memory from document to document. Not for several threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/document/force_list.h"
#include "shared/document/json_buffer.h"
#include "shared/document/xml_tape.h"

namespace docmill {

class CompactWriter {
 public:
  explicit CompactWriter(ForceList force_list = {});

  // Appends the document as one line of JSON, without a line end.
  void write(const XmlTape& tape, std::string& out);

 private:
  // A child element while its parent is written. Children of one name form a chain; the first of
  // them is its head; heads form a chain of their own, in document order.
  struct Child {
    std::uint32_t node = 0;
    std::uint32_t next = 0;       // index into children_ of the next of this name; 0 at the end
    std::uint32_t last = 0;       // of a head: the end of its chain
    std::uint32_t next_head = 0;  // of a head: 0 at the end
  };

  std::string_view name(std::uint32_t child) const {
    return tape_->text(tape_->nodes[children_[child].node]);
  }
  void write_value(std::uint32_t index);
  void write_attribute(const XmlNode& attribute);
  void write_children(std::uint32_t index, bool& first);
  void write_group(std::uint32_t head);
  // The element's own text, joined and stripped; valid until the next call.
  std::string_view own_text(std::uint32_t index);

  void group_children(std::uint32_t index);
  std::uint32_t find_head(std::string_view name, std::uint32_t first_head, std::size_t heads);
  void index_head(std::uint32_t head);
  void rebuild_index(std::uint32_t first_head, std::size_t heads);

  ForceList force_list_;
  std::uint64_t seed_;  // of the hash, so that nobody can choose names that collide
  const XmlTape* tape_ = nullptr;
  JsonBuffer json_;
  std::string scratch_;
  std::vector<Child> children_;          // of all elements being written; [0] is not used
  std::vector<std::uint32_t> index_;     // open addressing: heads of the element being grouped
  std::vector<std::string_view> names_;  // from the root to the element at hand, if paths are asked
};

}  // namespace docmill
