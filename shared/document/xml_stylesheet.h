// XmlStylesheet: XSLT 1.0, and what it makes of a document.
//
// libxslt stops in xml_stylesheet.cpp. When it is loaded, a stylesheet may import and include files
// of its own folder and those below; after that neither it nor a document reads or writes a file or
// asks a network for anything. A resource, made once at start; not for several threads at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/document/document.h"
#include "shared/document/named_files.h"
#include "shared/document/xml_limits.h"

namespace docmill {

struct StylesheetOptions {
  XmlLimits limits;                               // of what it makes
  std::map<std::string, std::string> parameters;  // of xsl:param, as texts
  std::uint64_t operations = 100'000'000;         // of libxslt and its XPath, for one document
};

class XmlStylesheet {
 public:
  // Failure: kConfig, with the file and what is wrong first.
  static Result<XmlStylesheet> load(const std::filesystem::path& path, NamedFiles& files,
                                    const StylesheetOptions& options = {});
  ~XmlStylesheet();
  XmlStylesheet(XmlStylesheet&&) noexcept;
  XmlStylesheet& operator=(XmlStylesheet&&) noexcept;

  // Appends what it makes, in UTF-8, and says what that is: XML that the guard has accepted, or
  // text (HTML is text too). xml: UTF-8 that the guard has accepted, with nothing left to expand.
  // Failure: kMalformed.
  Result<Format> transform(std::string_view xml, std::string& out);

 private:
  struct Sheet;
  explicit XmlStylesheet(std::unique_ptr<Sheet> sheet);
  std::unique_ptr<Sheet> sheet_;
};

}  // namespace docmill
