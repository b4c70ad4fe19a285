// The structure: groups, elements, attributes. Texts and values are in object_writer_values.cpp.
#include "shared/document/object_writer.h"

#include <algorithm>
#include <utility>

namespace docmill {
namespace {

bool declares(std::string_view name) { return name == "xmlns" || name.starts_with("xmlns:"); }

}  // namespace

ObjectWriter::ObjectWriter(const JsonOptions& options, JsonBuffer& json)
    : options_(options),
      rules_(object_rules(options.convention)),
      whitespace_(options.whitespace_here()),
      keeps_path_(options.force_list.has_paths() || options.types.has_paths()),
      types_values_(options.infer_numbers || !options.types.empty()),
      json_(json),
      list_(list_rules(JsonConvention::kOrdered), WhitespacePolicy::kKeep, json) {
  rules_.scope = rules_.scope && !options_.by_namespace;
}

Result<Losses> ObjectWriter::write(const XmlTape& tape,
                                   const std::vector<std::string_view>* names) {
  tape_ = &tape;
  names_ = names;
  losses_ = {};
  failure_.reset();
  path_.clear();
  scope_.clear();
  groups_.begin(tape, names);
  list_.begin(tape, names);
  write_document();
  if (failure_) return *failure_;
  return losses_;
}

void ObjectWriter::write_document() {
  if (!rules_.root) {
    if (keeps_path_) path_.push_back(name(tape_->root));
    return write_element(tape_->root);
  }
  const auto size = static_cast<std::uint32_t>(tape_->nodes.size());
  const ChildGroups::Grouped top =
      groups_.group(0, size, {options_.comments, options_.instructions});
  if (top.interleaved) losses_.add(Loss::kOrder);
  for (std::uint32_t i = 0; i < size; i = i == tape_->root ? tape_->nodes[i].end : i + 1) {
    if (tape_->nodes[i].kind == XmlNode::Kind::kComment && !options_.comments) {
      losses_.add(Loss::kComment);
    }
    if (tape_->nodes[i].kind == XmlNode::Kind::kInstruction && !options_.instructions) {
      losses_.add(Loss::kInstruction);
    }
  }
  bool first = true;
  write_groups(top.head, first);
  json_.put('}');
}

void ObjectWriter::write_groups(std::uint32_t head, bool& first) {
  for (; head != 0; head = groups_.next_group(head)) {
    begin_member(first);
    write_group(head);
  }
}

void ObjectWriter::write_group(std::uint32_t head) {
  const std::uint32_t node = groups_.node(head);
  bool list = groups_.next(head) != 0;
  const bool element = tape_->nodes[node].kind == XmlNode::Kind::kElement;
  if (element) {
    const std::string_view key = name(node);
    json_.put_key('\0', key);
    if (keeps_path_) path_.push_back(key);
    list = list || options_.force_list.holds(key, path_);
  } else if (tape_->nodes[node].kind == XmlNode::Kind::kComment) {
    json_.put("\"#comment\":");
  } else {
    json_.put_key('?', tape_->text(tape_->nodes[node]));
  }
  if (list) json_.put('[');
  for (std::uint32_t child = head; child != 0; child = groups_.next(child)) {
    if (child != head) json_.put(',');
    write_child(groups_.node(child));
  }
  if (list) json_.put(']');
  if (element && keeps_path_) path_.pop_back();
}

bool ObjectWriter::has_children(const XmlNode& element) const {
  return element.has_elements || (element.has_comments && options_.comments) ||
         (element.has_instructions && options_.instructions);
}

Losses ObjectWriter::losses_of(const XmlNode& element) const {
  Losses losses;
  if (element.has_text && has_children(element)) losses.add(Loss::kMixed);
  if (element.has_comments && !options_.comments) losses.add(Loss::kComment);
  if (element.has_instructions && !options_.instructions) losses.add(Loss::kInstruction);
  return losses;
}

void ObjectWriter::write_element(std::uint32_t index) {
  const XmlNode& element = tape_->nodes[index];
  const std::size_t outer = scope_.size();
  if (rules_.scope) enter_scope(index);
  bool first = true;
  write_attributes(index, first);
  if (element.has_elements || element.has_comments || element.has_instructions) {
    write_children(index, first);
  } else if (!first || has_cdata(index)) {
    write_texts(index, first);
  }
  if (first) {
    write_plain(index);
  } else {
    json_.put('}');
  }
  if (rules_.scope) scope_.resize(outer);
}

void ObjectWriter::write_children(std::uint32_t index, bool& first) {
  const XmlNode& element = tape_->nodes[index];
  const std::size_t mark = groups_.mark();
  Losses losses = losses_of(element);
  const ChildGroups::Grouped grouped =
      groups_.group(index + 1, element.end, {options_.comments, options_.instructions});
  if (grouped.interleaved) losses.add(Loss::kOrder);
  if (options_.on_loss == LossPolicy::kOrdered && !losses.empty()) {
    begin_member(first);
    json_.put("\"#children\":[");
    list_.write_contents(index);
    json_.put(']');
  } else {
    losses_.add(losses);
    write_groups(grouped.head, first);
    if (!first || has_cdata(index)) write_texts(index, first);
  }
  groups_.release(mark);
}

void ObjectWriter::enter_scope(std::uint32_t element) {
  for (std::uint32_t i = element + 1; i < tape_->nodes[element].end; ++i) {
    const XmlNode& node = tape_->nodes[i];
    if (node.kind != XmlNode::Kind::kAttribute) break;
    const std::string_view attribute = tape_->text(node);
    if (!declares(attribute)) continue;
    scope_.push_back({attribute == "xmlns" ? std::string_view("$") : attribute.substr(6), i});
  }
}

// The innermost declaration of each prefix; one that takes the default away is one too.
void ObjectWriter::write_scope(bool& first) {
  begin_member(first);
  json_.put("\"@xmlns\":");
  bool first_prefix = true;
  for (std::size_t i = 0; i < scope_.size(); ++i) {
    const auto same = [this, i](const Binding& later) { return later.prefix == scope_[i].prefix; };
    const auto after = scope_.begin() + static_cast<std::ptrdiff_t>(i) + 1;
    if (std::any_of(after, scope_.end(), same)) continue;
    begin_member(first_prefix);
    json_.put_key('\0', scope_[i].prefix);
    const XmlNode& node = tape_->nodes[scope_[i].node];
    json_.put_string(decoded(tape_->value(node), node.exact, XmlContent::kAttribute));
  }
  json_.put('}');
}

void ObjectWriter::write_attributes(std::uint32_t element, bool& first) {
  if (!scope_.empty()) write_scope(first);
  for (std::uint32_t i = element + 1; i < tape_->nodes[element].end; ++i) {
    const XmlNode& node = tape_->nodes[i];
    if (node.kind != XmlNode::Kind::kAttribute) break;
    if (!rules_.attributes) return losses_.add(Loss::kAttribute);
    const std::string_view attribute = name(i);
    if (attribute.empty() || (rules_.scope && declares(attribute))) continue;
    begin_member(first);
    json_.put_key(rules_.attribute_prefix, attribute);
    write_value(decoded(tape_->value(node), node.exact, XmlContent::kAttribute), element,
                attribute);
  }
}

}  // namespace docmill
