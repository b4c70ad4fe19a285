// NameTemplate: the name of each document's file, out of what is known about the document.
//
// "out/{sink}/{route}/{key}.xml": the folder is "out/s1", the names below it are made of values.
// Values are any text: what would lead out of the folder, hide the file or be no name is %xx, a
// value that is empty is `_`, and a name that is too long ends with a hash of the whole. A value;
// pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/runtime/component.h"

namespace docmill {

// Where a document goes, below the folder; `other` is for when the name is taken, and no other
// document's: it holds the document's identity.
struct DocumentNames {
  std::string name;
  std::string other;
};

class NameTemplate {
 public:
  // path: as in the pipeline file; {sink} may be in it still. kConfig: what is wrong, as a finding.
  static Result<NameTemplate> parse(std::string_view path);

  // All of the path that no document decides; may be empty.
  const std::string& folder() const { return folder_; }
  void write(const DocumentId& id, const DocumentView& document, DocumentNames& names) const;

 private:
  // Text, and then a value.
  struct Piece {
    std::string text;
    std::string value;  // a placeholder's name; may be empty
  };
  using Component = std::vector<Piece>;

  static std::optional<std::string> read_component(std::string_view text, Component& component);
  static void write_component(const Component& component, const DocumentId& id,
                              const DocumentView& document, std::string& out);

  std::string folder_;
  std::vector<Component> components_;
};

// The names that a valid path makes (file_pattern.h), but for those of documents whose name is
// taken.
std::string name_pattern(const std::string& path);

// What a schema checks.
std::optional<std::string> name_template_problem(const std::string& path);

}  // namespace docmill
