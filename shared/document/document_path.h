// DocumentPath: a place in documents of either format. What a pipeline file says is compiled as
// XPath and as JSON Pointer; a document's format decides which of them counts.
//
// Made at start; not for several threads at a time. `Xml` is XmlPath (any expression) or XmlTarget
// (nodes only).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shared/document/json_pointer.h"
#include "shared/document/xml_tree.h"

namespace docmill {

template <typename Xml>
class DocumentPath {
 public:
  // Failure: kConfig: neither an XPath nor a JSON Pointer.
  static Result<DocumentPath> compile(std::string_view text, const PathNamespaces& namespaces = {});

  const std::string& text() const { return text_; }
  bool is_xml() const { return xml_.has_value(); }
  bool is_json() const { return json_.has_value(); }
  // Failure: kMalformed: a document of this format was met, and the path is not of it.
  Result<const Xml*> for_xml() const;
  Result<const JsonPointer*> for_json() const;

 private:
  std::string text_;
  std::optional<Xml> xml_;
  std::optional<JsonPointer> json_;
  std::string no_xml_;  // why it is not one
  std::string no_json_;
};

extern template class DocumentPath<XmlPath>;
extern template class DocumentPath<XmlTarget>;

// For the `consistent` of a declaration: what is wrong with the path and the namespaces.
template <typename Xml>
std::optional<std::string> path_problem(const std::string& path, const PathNamespaces& namespaces) {
  if (std::string wrong = namespaces_problem(namespaces); !wrong.empty()) return wrong;
  auto compiled = DocumentPath<Xml>::compile(path, namespaces);
  return compiled ? std::nullopt : std::optional("path: " + compiled.error().text);
}

inline constexpr const char* kPathMeaning =
    "For XML an XPath 1.0 from the root element, for JSON a JSON Pointer (RFC 6901).";
inline constexpr const char* kNamespacesMeaning =
    "Prefix and URI: what prefixes in names mean, whatever prefixes a document has. Without it "
    "names match as they are written.";

}  // namespace docmill
