#include "transformer/open_document.h"

#include "shared/document/json_writer.h"
#include "shared/document/notes.h"

namespace docmill {

Result<void> OpenDocument::load(const DocumentView& document) {
  json_ = document.format == Format::kJson;
  return json_ ? scanner_.scan(document.bytes, tape_) : tree_.load(document.bytes);
}

Result<void> OpenDocument::load(const DocumentView& document, Emitter& emitter) {
  auto loaded = load(document);
  if (loaded && !json_ && tree_.lenient()) emitter.note(kParserNote, kLenientParser);
  return loaded;
}

Result<std::vector<std::string>> OpenDocument::texts(const DocumentPath<XmlPath>& path) const {
  std::vector<std::string> texts;
  if (!json_) {
    auto xml = path.for_xml();
    if (!xml) return xml.error();
    tree_.texts(**xml, texts);
    return texts;
  }
  auto json = path.for_json();
  if (!json) return json.error();
  const auto place = (*json)->find(tape_);
  if (!place) return texts;
  const JsonNode::Kind kind = tape_.nodes[place->value].kind;
  if (kind == JsonNode::Kind::kObject || kind == JsonNode::Kind::kArray) {
    append_json(tape_, place->value, texts.emplace_back());
  } else if (kind == JsonNode::Kind::kNull) {
    texts.emplace_back("null");
  } else {
    texts.push_back(json_content(tape_, place->value));
  }
  return texts;
}

Result<bool> OpenDocument::holds(const DocumentPath<XmlPath>& path) const {
  if (!json_) {
    auto xml = path.for_xml();
    if (!xml) return xml.error();
    return tree_.holds(**xml);
  }
  auto json = path.for_json();
  if (!json) return json.error();
  return (*json)->find(tape_).has_value();
}

}  // namespace docmill
