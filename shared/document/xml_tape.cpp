#include "shared/document/xml_tape.h"

#include "shared/document/xml_text.h"

namespace docmill {

void XmlTape::append_own_text(std::uint32_t element, std::string& out) const {
  for (std::uint32_t i = content_of(element); i < nodes[element].end; i = next_of(i)) {
    if (nodes[i].kind == XmlNode::Kind::kText) {
      append_decoded(out, text(nodes[i]), XmlContent::kText);
    } else if (nodes[i].kind == XmlNode::Kind::kCdata) {
      append_decoded(out, text(nodes[i]), XmlContent::kCdata);
    }
  }
}

}  // namespace docmill
