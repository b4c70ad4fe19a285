#include "shared/document/list_writer.h"

#include <utility>

#include "shared/document/xml_text.h"

namespace docmill {
namespace {

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\n\r") == text.npos; }

void put_comma(JsonBuffer& json, bool& comma) {
  if (std::exchange(comma, true)) json.put(',');
}

}  // namespace

void ListWriter::write_document() {
  const auto root = tape_->root;
  const auto size = static_cast<std::uint32_t>(tape_->nodes.size());
  const bool alone = root == 0 && tape_->nodes[root].end == size;
  bool comma = false;
  if (alone || !rules_.asides) {
    if (!alone) write_items(0, root, comma);  // for what is lost
    write_element(root);
    if (!alone) write_items(tape_->nodes[root].end, size, comma);
    return;
  }
  json_.put("{\"#document\":[");
  write_items(0, size, comma);
  json_.put("]}");
}

void ListWriter::write_element(std::uint32_t index) {
  const XmlNode& element = tape_->nodes[index];
  json_.put("[\"");
  json_.put(names_ == nullptr ? tape_->text(element) : (*names_)[index]);
  json_.put('"');
  write_attributes(index);
  bool comma = true;
  const bool outer = std::exchange(drop_blanks_, drops_blanks(element));
  write_items(index + 1, element.end, comma);
  drop_blanks_ = outer;
  json_.put(']');
}

void ListWriter::write_attributes(std::uint32_t index) {
  bool any = false;
  for (std::uint32_t i = index + 1; i < tape_->nodes[index].end; ++i) {
    const XmlNode& node = tape_->nodes[i];
    if (node.kind != XmlNode::Kind::kAttribute) break;
    const std::string_view name = names_ == nullptr ? tape_->text(node) : (*names_)[i];
    if (name.empty()) continue;
    json_.put(std::exchange(any, true) ? "," : ",{");
    json_.put_key('\0', name);
    write_decoded(tape_->value(node), node.exact, true);
  }
  if (any) json_.put('}');
}

void ListWriter::write_contents(std::uint32_t index) {
  bool comma = false;
  const bool outer = std::exchange(drop_blanks_, drops_blanks(tape_->nodes[index]));
  write_items(index + 1, tape_->nodes[index].end, comma);
  drop_blanks_ = outer;
}

bool ListWriter::drops_blanks(const XmlNode& element) const {
  return whitespace_ == WhitespacePolicy::kStripIgnorable && element.has_elements &&
         !element.has_text;
}

void ListWriter::write_items(std::uint32_t first, std::uint32_t end, bool& comma) {
  for (std::uint32_t i = first; i < end;) {
    const XmlNode& node = tape_->nodes[i];
    const std::uint32_t at = i;
    i = node.kind == XmlNode::Kind::kElement ? node.end : i + 1;
    switch (node.kind) {
      case XmlNode::Kind::kAttribute:
        break;
      case XmlNode::Kind::kElement:
        flush_text(comma);
        put_comma(json_, comma);
        write_element(at);
        break;
      case XmlNode::Kind::kText:
        add_text(node);
        break;
      case XmlNode::Kind::kCdata:
        if (!rules_.asides) {
          add_text(node);
          break;
        }
        [[fallthrough]];
      case XmlNode::Kind::kComment:
      case XmlNode::Kind::kInstruction:
        if (rules_.asides) {
          flush_text(comma);
          put_comma(json_, comma);
          write_aside(node);
        } else {
          losses_.add(node.kind == XmlNode::Kind::kComment ? Loss::kComment : Loss::kInstruction);
        }
        break;
    }
  }
  flush_text(comma);
}

void ListWriter::write_aside(const XmlNode& node) {
  if (node.kind == XmlNode::Kind::kInstruction) {
    json_.put("{\"#pi\":[\"");
    json_.put(tape_->text(node));
    json_.put("\",");
    write_decoded(tape_->value(node), node.exact, false);
    json_.put("]}");
    return;
  }
  json_.put(node.kind == XmlNode::Kind::kComment ? "{\"#comment\":" : "{\"#cdata\":");
  write_decoded(tape_->text(node), node.exact, false);
  json_.put('}');
}

void ListWriter::write_decoded(std::string_view bytes, bool exact, bool attribute) {
  if (!exact) {
    scratch_.clear();
    append_decoded(scratch_, bytes, attribute ? XmlContent::kAttribute : XmlContent::kCdata);
    bytes = scratch_;
  }
  json_.put_string(bytes);
}

void ListWriter::add_text(const XmlNode& node) {
  if (node.exact) {
    text_ += tape_->text(node);
  } else {
    const bool cdata = node.kind == XmlNode::Kind::kCdata;
    append_decoded(text_, tape_->text(node), cdata ? XmlContent::kCdata : XmlContent::kText);
  }
}

void ListWriter::flush_text(bool& comma) {
  if (text_.empty()) return;
  const std::string_view text =
      whitespace_ == WhitespacePolicy::kTrim ? strip(text_) : std::string_view(text_);
  if (!text.empty() && !(drop_blanks_ && is_blank(text))) {
    put_comma(json_, comma);
    json_.put_string(text);
  }
  text_.clear();
}

}  // namespace docmill
