// ChildGroups: the children of an element by name, in time that grows with their number only.
//
// Children of one name form a chain; the first of them is its head; heads form a chain of their
// own, in document order. Groups of elements inside each other stand on one stack: release() a mark
// when the element is done with. Not for several threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "shared/document/xml_tape.h"

namespace docmill {

class ChildGroups {
 public:
  // Which children besides elements take part.
  struct Shown {
    bool comments = false;
    bool instructions = false;
  };
  struct Grouped {
    std::uint32_t head = 0;    // of the first group; 0: there is no child to show
    bool interleaved = false;  // children of one name have others between them
  };

  ChildGroups();

  // names: of the nodes, by index, in place of those that are on the tape; may be empty.
  void begin(const XmlTape& tape, const std::vector<std::string_view>* names);
  // Groups what stands in [first, end) of the tape and is a child there.
  Grouped group(std::uint32_t first, std::uint32_t end, Shown shown);
  std::size_t mark() const { return children_.size(); }
  void release(std::size_t mark) { children_.resize(mark); }

  std::uint32_t node(std::uint32_t child) const { return children_[child].node; }
  std::uint32_t next(std::uint32_t child) const { return children_[child].next; }
  std::uint32_t next_group(std::uint32_t head) const { return children_[head].next_head; }

 private:
  struct Child {
    std::uint32_t node = 0;
    std::uint32_t next = 0;       // of this name; 0 at the end, since [0] is not used
    std::uint32_t last = 0;       // of a head: the end of its chain
    std::uint32_t next_head = 0;  // of a head: 0 at the end
  };

  std::string_view name(std::uint32_t node) const {
    return names_ == nullptr ? tape_->text(tape_->nodes[node]) : (*names_)[node];
  }
  bool same(std::uint32_t child, std::uint32_t other) const;
  std::uint64_t hash(std::uint32_t child) const;
  std::uint32_t find_head(std::uint32_t child, std::uint32_t first_head, std::size_t heads) const;
  void index_head(std::uint32_t head);
  void rebuild_index(std::uint32_t first_head, std::size_t heads);

  std::uint64_t seed_;  // of the hash, so that nobody can choose names that collide
  const XmlTape* tape_ = nullptr;
  const std::vector<std::string_view>* names_ = nullptr;
  std::vector<Child> children_;
  std::vector<std::uint32_t> index_;  // open addressing: heads of the element being grouped
};

}  // namespace docmill
