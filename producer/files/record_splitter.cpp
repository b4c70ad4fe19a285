#include "producer/files/record_splitter.h"

#include <type_traits>
#include <utility>

#include "producer/files/file_documents.h"
#include "shared/document/json_splitter.h"

namespace docmill {
namespace {

template <typename Splitter>
class SplitterOf final : public RecordSplitter {
 public:
  explicit SplitterOf(Splitter splitter) : splitter_(std::move(splitter)) {}
  Result<void> feed(std::string_view chunk, bool last) override {
    return splitter_.feed(chunk, last);
  }
  bool next(SplitRecord& record) override { return splitter_.next(record); }
  std::uint64_t rest_offset() const override { return splitter_.rest_offset(); }
  std::uint64_t rest_line() const override { return splitter_.rest_line(); }
  bool after(XmlResume& after) const override {
    if constexpr (std::is_same_v<Splitter, XmlSplitter>) {
      return splitter_.after(after);
    } else {
      return false;
    }
  }

 private:
  Splitter splitter_;
};

template <typename Options>
Options options_of(const LimitsConfig& limits) {
  Options options;
  options.limits.document = limits.document;
  options.limits.depth = limits.depth;
  options.sample = {sample_bytes(limits.document)};
  return options;
}

XmlSplitOptions xml_options(const SplitPath& path, const LimitsConfig& limits) {
  auto options = options_of<XmlSplitOptions>(limits);
  options.keep = path.keep;
  options.accept_doctype = path.accept_doctype;
  return options;
}

}  // namespace

Result<SplitPath> SplitPath::parse(std::string_view text, FormatChoice format) {
  SplitPath path;
  if (format != FormatChoice::kJson) {
    Result<ElementPath> xml = ElementPath::parse(text);
    if (!xml && format == FormatChoice::kXml) return xml.error();
    if (xml) path.xml = std::move(*xml);
  }
  if (format != FormatChoice::kXml) {
    Result<JsonPath> json = JsonPath::parse(text);
    if (!json && !path.xml) {
      // No name of XML has a '~': it was meant as a pointer.
      const bool pointer = format == FormatChoice::kJson || text.find('~') != text.npos;
      return pointer ? json.error() : ElementPath::parse(text).error();
    }
    if (json) path.json = std::move(*json);
  }
  return path;
}

Format SplitPath::format_of(std::string_view first_bytes) const {
  if (!xml || !json) return xml ? Format::kXml : Format::kJson;
  const Format format = docmill::format_of(FormatChoice::kAuto, first_bytes);
  return format == Format::kJson ? Format::kJson : Format::kXml;
}

std::unique_ptr<RecordSplitter> make_splitter(const SplitPath& path, Format format,
                                              const LimitsConfig& limits) {
  if (format == Format::kJson) {
    return std::make_unique<SplitterOf<JsonSplitter>>(
        JsonSplitter(*path.json, options_of<JsonSplitOptions>(limits)));
  }
  return std::make_unique<SplitterOf<XmlSplitter>>(
      XmlSplitter(*path.xml, xml_options(path, limits)));
}

std::unique_ptr<RecordSplitter> resume_splitter(const SplitPath& path, const LimitsConfig& limits,
                                                const XmlResume& from) {
  if (!path.xml) return nullptr;
  auto splitter = XmlSplitter::resume(*path.xml, xml_options(path, limits), from);
  if (!splitter) return nullptr;
  return std::make_unique<SplitterOf<XmlSplitter>>(std::move(*splitter));
}

}  // namespace docmill
