#include "shared/document/compact_writer.h"

#include <algorithm>
#include <random>
#include <utility>

#include "shared/base/hash.h"
#include "shared/document/xml_text.h"

namespace docmill {
namespace {

constexpr std::size_t kFewHeads = 8;  // up to here names are compared one by one

bool is_text(const XmlNode& node) {
  return node.kind == XmlNode::Kind::kText || node.kind == XmlNode::Kind::kCdata;
}

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

}  // namespace

CompactWriter::CompactWriter(ForceList force_list)
    : force_list_(std::move(force_list)), seed_(random_seed()), children_(1) {}

void CompactWriter::write(const XmlTape& tape, std::string& out) {
  tape_ = &tape;
  json_.clear();
  names_.clear();
  json_.put('{');
  children_.push_back({});  // the root is a group of one
  write_group(static_cast<std::uint32_t>(children_.size() - 1));
  children_.resize(1);
  json_.put('}');
  out.append(json_.view());
}

void CompactWriter::write_group(std::uint32_t head) {
  const std::string_view key = name(head);
  json_.put_key("", key);
  if (force_list_.has_paths()) names_.push_back(key);
  const bool list = children_[head].next != 0 || force_list_.holds(key, names_);
  if (list) json_.put('[');
  for (std::uint32_t child = head; child != 0; child = children_[child].next) {
    if (child != head) json_.put(',');
    write_value(children_[child].node);
  }
  if (list) json_.put(']');
  if (force_list_.has_paths()) names_.pop_back();
}

void CompactWriter::write_value(std::uint32_t index) {
  const XmlNode& element = tape_->nodes[index];
  std::uint32_t child = index + 1;
  const auto at_attribute = [this, &element, &child] {
    return child < element.end && tape_->nodes[child].kind == XmlNode::Kind::kAttribute;
  };
  if (!element.has_elements && !at_attribute()) {
    const std::string_view text = own_text(index);
    if (text.empty()) {
      json_.put("null");
    } else {
      json_.put_string(text);
    }
    return;
  }
  json_.put('{');
  bool first = true;
  for (; at_attribute(); ++child) {
    if (!std::exchange(first, false)) json_.put(',');
    write_attribute(tape_->nodes[child]);
  }
  if (element.has_elements) write_children(index, first);
  const std::string_view text = own_text(index);
  if (!text.empty()) {
    json_.put(first ? "\"#text\":" : ",\"#text\":");
    json_.put_string(text);
  }
  json_.put('}');
}

void CompactWriter::write_attribute(const XmlNode& attribute) {
  json_.put_key("@", tape_->text(attribute));
  std::string_view value = tape_->value(attribute);
  if (!attribute.exact) {
    scratch_.clear();
    append_decoded(scratch_, value, XmlContent::kAttribute);
    value = scratch_;
  }
  json_.put_string(value);
}

std::string_view CompactWriter::own_text(std::uint32_t index) {
  const XmlNode& element = tape_->nodes[index];
  if (!element.has_text) return {};
  // One exact piece is used where it stands; several, or encoded ones, are put together.
  std::string_view single;
  bool joined = false;
  scratch_.clear();
  for (std::uint32_t i = index + 1; i < element.end;) {
    const XmlNode& node = tape_->nodes[i];
    i = node.kind == XmlNode::Kind::kElement ? node.end : i + 1;
    if (!is_text(node)) continue;
    if (node.exact && single.empty() && !joined) {
      single = tape_->text(node);
      continue;
    }
    if (!std::exchange(joined, true)) scratch_ = single;
    const bool cdata = node.kind == XmlNode::Kind::kCdata;
    append_decoded(scratch_, tape_->text(node), cdata ? XmlContent::kCdata : XmlContent::kText);
  }
  return strip(joined ? std::string_view(scratch_) : single);
}

void CompactWriter::write_children(std::uint32_t index, bool& first) {
  const std::size_t base = children_.size();
  group_children(index);
  for (auto head = static_cast<std::uint32_t>(base); head != 0; head = children_[head].next_head) {
    if (!std::exchange(first, false)) json_.put(',');
    write_group(head);
  }
  children_.resize(base);
}

void CompactWriter::group_children(std::uint32_t index) {
  const std::uint32_t end = tape_->nodes[index].end;
  const auto first_head = static_cast<std::uint32_t>(children_.size());
  std::uint32_t last_head = 0;
  std::uint32_t previous = 0;  // the head of the child before this one: runs of one name are usual
  std::size_t heads = 0;
  for (std::uint32_t i = index + 1; i < end;) {
    const XmlNode& node = tape_->nodes[i];
    if (node.kind != XmlNode::Kind::kElement) {
      ++i;
      continue;
    }
    const std::string_view key = tape_->text(node);
    const auto child = static_cast<std::uint32_t>(children_.size());
    children_.push_back({.node = i, .last = child});
    i = node.end;
    std::uint32_t head = 0;
    if (previous != 0) head = name(previous) == key ? previous : find_head(key, first_head, heads);
    if (head != 0) {
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
}

std::uint32_t CompactWriter::find_head(std::string_view key, std::uint32_t first_head,
                                       std::size_t heads) {
  if (heads <= kFewHeads) {
    std::uint32_t head = first_head;
    while (heads != 0 && name(head) != key) {
      head = children_[head].next_head;
      --heads;
    }
    return heads == 0 ? 0 : head;
  }
  const std::size_t mask = index_.size() - 1;
  std::size_t slot = hash64(key, seed_) & mask;
  while (index_[slot] != 0 && name(index_[slot]) != key) slot = (slot + 1) & mask;
  return index_[slot];
}

void CompactWriter::index_head(std::uint32_t head) {
  const std::size_t mask = index_.size() - 1;
  std::size_t slot = hash64(name(head), seed_) & mask;
  while (index_[slot] != 0) slot = (slot + 1) & mask;
  index_[slot] = head;
}

void CompactWriter::rebuild_index(std::uint32_t first_head, std::size_t heads) {
  std::size_t size = 4 * kFewHeads;
  while (size < heads * 4) size *= 2;
  index_.assign(size, 0);
  for (std::uint32_t head = first_head; head != 0; head = children_[head].next_head) {
    index_head(head);
  }
}

}  // namespace docmill
