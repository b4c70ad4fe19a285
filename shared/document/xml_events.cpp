#include "shared/document/xml_events.h"

#include <algorithm>

#include "shared/document/xml_text.h"

namespace docmill {

std::string_view XmlAttributes::operator[](std::string_view name) const {
  const auto found = std::find_if(all_.begin(), all_.end(),
                                  [name](const XmlAttribute& one) { return one.name == name; });
  return found == all_.end() ? std::string_view() : found->value;
}

Result<void> XmlEvents::read(std::string_view bytes, XmlHandler& handler) {
  const auto read = reader_.read(bytes);
  if (!read) return read.error();
  const XmlTape& tape = **read;
  open_.clear();
  const auto close_before = [&](std::uint32_t node) {
    while (!open_.empty() && tape.nodes[open_.back()].end <= node) {
      tell_text(handler);
      handler.end_element(tape.text(tape.nodes[open_.back()]));
      open_.pop_back();
    }
  };
  const std::uint32_t end = tape.nodes[tape.root].end;
  for (std::uint32_t i = tape.root; i < end; ++i) {
    const XmlNode& node = tape.nodes[i];
    close_before(i);
    if (node.kind == XmlNode::Kind::kElement) {
      tell_text(handler);
      start(tape, i, handler);
    } else if (node.kind == XmlNode::Kind::kText) {
      append_decoded(text_, tape.text(node), XmlContent::kText);
    } else if (node.kind == XmlNode::Kind::kCdata) {
      append_decoded(text_, tape.text(node), XmlContent::kCdata);
    }
  }
  close_before(end);
  return {};
}

void XmlEvents::start(const XmlTape& tape, std::uint32_t element, XmlHandler& handler) {
  attributes_.all_.clear();
  values_.clear();
  values_.reserve(tape.source.size());  // what a reference stands for is never longer
  const std::uint32_t content = tape.content_of(element);
  for (std::uint32_t i = element + 1; i < content; ++i) {
    const std::size_t begin = values_.size();
    append_decoded(values_, tape.value(tape.nodes[i]), XmlContent::kAttribute);
    attributes_.all_.push_back({tape.text(tape.nodes[i]), std::string_view(values_).substr(begin)});
  }
  handler.start_element(tape.text(tape.nodes[element]), attributes_);
  open_.push_back(element);
}

void XmlEvents::tell_text(XmlHandler& handler) {
  if (text_.empty()) return;
  handler.characters(text_);
  text_.clear();
}

}  // namespace docmill
