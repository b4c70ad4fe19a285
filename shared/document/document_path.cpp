#include "shared/document/document_path.h"

namespace docmill {

template <typename Xml>
Result<DocumentPath<Xml>> DocumentPath<Xml>::compile(std::string_view text,
                                                     const PathNamespaces& namespaces) {
  DocumentPath path;
  path.text_ = text;
  auto xml = Xml::compile(text, namespaces);
  auto json = JsonPointer::parse(text);
  if (!xml && !json) {
    // A text that begins like a pointer may have been meant as one.
    const std::string other = text.starts_with('/') ? "; " + json.error().text : "";
    return config_error(xml.error().text + other);
  }
  if (xml) {
    path.xml_ = std::move(*xml);
  } else {
    path.no_xml_ = "the document is XML: " + xml.error().text;
  }
  if (json) {
    path.json_ = std::move(*json);
  } else {
    path.no_json_ = "the document is JSON: " + json.error().text;
  }
  return path;
}

template <typename Xml>
Result<const Xml*> DocumentPath<Xml>::for_xml() const {
  if (!xml_) return malformed(no_xml_);
  return &*xml_;
}

template <typename Xml>
Result<const JsonPointer*> DocumentPath<Xml>::for_json() const {
  if (!json_) return malformed(no_json_);
  return &*json_;
}

template class DocumentPath<XmlPath>;
template class DocumentPath<XmlTarget>;

}  // namespace docmill
