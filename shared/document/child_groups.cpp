#include "shared/document/child_groups.h"

#include <random>

#include "shared/base/hash.h"

namespace docmill {
namespace {

constexpr std::size_t kFewHeads = 8;  // up to here names are compared one by one

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

}  // namespace

ChildGroups::ChildGroups() : seed_(random_seed()), children_(1) {}

void ChildGroups::begin(const XmlTape& tape, const std::vector<std::string_view>* names) {
  tape_ = &tape;
  names_ = names;
  children_.resize(1);
}

bool ChildGroups::same(std::uint32_t child, std::uint32_t other) const {
  const XmlNode& one = tape_->nodes[children_[child].node];
  const XmlNode& two = tape_->nodes[children_[other].node];
  if (one.kind != two.kind) return false;
  switch (one.kind) {
    case XmlNode::Kind::kElement:
      return name(children_[child].node) == name(children_[other].node);
    case XmlNode::Kind::kInstruction:
      return tape_->text(one) == tape_->text(two);
    default:
      return true;  // all comments are one group
  }
}

std::uint64_t ChildGroups::hash(std::uint32_t child) const {
  const std::uint32_t node = children_[child].node;
  switch (tape_->nodes[node].kind) {
    case XmlNode::Kind::kElement:
      return hash64(name(node), seed_);
    case XmlNode::Kind::kInstruction:
      return hash64(tape_->text(tape_->nodes[node]), ~seed_);
    default:
      return seed_;
  }
}

ChildGroups::Grouped ChildGroups::group(std::uint32_t first, std::uint32_t end, Shown shown) {
  Grouped grouped;
  const auto first_head = static_cast<std::uint32_t>(children_.size());
  std::uint32_t last_head = 0;
  std::uint32_t previous = 0;  // the head of the child before this one: runs of one name are usual
  std::size_t heads = 0;
  for (std::uint32_t i = first; i < end;) {
    const XmlNode& node = tape_->nodes[i];
    const bool taken = node.kind == XmlNode::Kind::kElement ||
                       (node.kind == XmlNode::Kind::kComment && shown.comments) ||
                       (node.kind == XmlNode::Kind::kInstruction && shown.instructions);
    const std::uint32_t at = i;
    i = node.kind == XmlNode::Kind::kElement ? node.end : i + 1;
    if (!taken) continue;
    const auto child = static_cast<std::uint32_t>(children_.size());
    children_.push_back({.node = at, .last = child});
    std::uint32_t head = 0;
    if (previous != 0) {
      head = same(previous, child) ? previous : find_head(child, first_head, heads);
    }
    if (head != 0) {
      grouped.interleaved = grouped.interleaved || head != previous;
      children_[children_[head].last].next = child;
      children_[head].last = child;
      previous = head;
      continue;
    }
    if (last_head != 0) children_[last_head].next_head = child;
    last_head = child;
    previous = child;
    ++heads;
    if (heads == kFewHeads + 1 || (heads > kFewHeads && heads * 2 > index_.size())) {
      rebuild_index(first_head, heads);
    } else if (heads > kFewHeads) {
      index_head(child);
    }
  }
  if (heads != 0) grouped.head = first_head;
  return grouped;
}

std::uint32_t ChildGroups::find_head(std::uint32_t child, std::uint32_t first_head,
                                     std::size_t heads) const {
  if (heads <= kFewHeads) {
    std::uint32_t head = first_head;
    while (heads != 0 && !same(head, child)) {
      head = children_[head].next_head;
      --heads;
    }
    return heads == 0 ? 0 : head;
  }
  const std::size_t mask = index_.size() - 1;
  std::size_t slot = hash(child) & mask;
  while (index_[slot] != 0 && !same(index_[slot], child)) slot = (slot + 1) & mask;
  return index_[slot];
}

void ChildGroups::index_head(std::uint32_t head) {
  const std::size_t mask = index_.size() - 1;
  std::size_t slot = hash(head) & mask;
  while (index_[slot] != 0) slot = (slot + 1) & mask;
  index_[slot] = head;
}

void ChildGroups::rebuild_index(std::uint32_t first_head, std::size_t heads) {
  std::size_t size = 4 * kFewHeads;
  while (size < heads * 4) size *= 2;
  index_.assign(size, 0);
  for (std::uint32_t head = first_head; head != 0; head = children_[head].next_head) {
    index_head(head);
  }
}

}  // namespace docmill
