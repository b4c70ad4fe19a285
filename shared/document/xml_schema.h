// XmlSchema: XSD 1.0 or RELAX NG, and whether a document is valid by it.
//
// libxml2 stops in xml_schema.cpp. Schemas may include files beside them; nothing is fetched from a
// network. A resource, made once at start; not for several threads.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "shared/base/result.h"
#include "shared/document/named_files.h"

namespace docmill {

class XmlSchema {
 public:
  enum class Language { kXsd, kRelaxNg };

  // Failure: kConfig, with the file and what libxml2 says first.
  static Result<XmlSchema> load(const std::filesystem::path& path, Language language,
                                NamedFiles& files);
  ~XmlSchema();
  XmlSchema(XmlSchema&&) noexcept;
  XmlSchema& operator=(XmlSchema&&) noexcept;

  // xml: UTF-8 that the guard has accepted, without a DOCTYPE. Failure: kMalformed, "line 3,
  // /catalog/book[2]/price: ...": the first error.
  Result<void> validate(std::string_view xml) const;

 private:
  struct Schema;
  explicit XmlSchema(std::unique_ptr<Schema> schema);
  std::unique_ptr<Schema> schema_;
};

}  // namespace docmill
