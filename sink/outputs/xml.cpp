#include "sink/outputs/xml.h"

#include <fmt/format.h>

#include "shared/document/xml_text.h"
#include "sink/inner_xml.h"
#include "sink/segments/segmented_file.h"

namespace docmill {
namespace {

struct XmlOutputConfig : SegmentSettings {
  std::string root = "records";
};

// The texts that a Framing points to.
struct RootTags {
  explicit RootTags(const std::string& root)
      : begin(fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{}>\n", root)),
        end(fmt::format("\n</{}>\n", root)) {}
  std::string begin;
  std::string end;
};

class XmlOutput final : public Output {
 public:
  XmlOutput(std::unique_ptr<RootTags> tags, SegmentedFile file)
      : tags_(std::move(tags)), file_(std::move(file)) {}

  void add(const DocumentId&, const DocumentView& document) override {
    file_.begin_document();
    file_.append(element_.write(document));
  }
  Result<void> sync() override { return file_.sync(); }
  void marks(std::vector<FileMark>& out) const override { file_.marks(out); }
  Result<void> settle() override { return file_.settle(); }
  void on_current_ledger() override { file_.on_current_ledger(); }
  bool due(Time now, bool stopping) override { return file_.due(now, stopping); }

 private:
  std::unique_ptr<RootTags> tags_;
  SegmentedFile file_;
  InnerXml element_;
};

Result<std::unique_ptr<Output>> open(const std::any& settings, const OutputContext& context) {
  const auto& config = std::any_cast<const XmlOutputConfig&>(settings);
  auto tags = std::make_unique<RootTags>(config.root);
  auto file = SegmentedFile::open(
      config, {.kind = "xml", .begin = tags->begin, .between = "\n", .end = tags->end}, context);
  if (!file) return file.error();
  return std::unique_ptr<Output>(std::make_unique<XmlOutput>(std::move(tags), std::move(*file)));
}

std::optional<std::string> root_problem(const std::string& root) {
  if (is_qname(root) && root.find(':') == std::string::npos) return std::nullopt;
  return "must be the name of an element, without a prefix, got " + quote(root);
}

}  // namespace

OutputComponent xml_output() {
  return {
      with_segments(
          Schema<XmlOutputConfig>(
              "xml",
              "Writes files in which the root elements of the documents stand inside one element. "
              "The file that grows has `.open` at the end of its name, and no end tag; when it "
              "ends the tag comes, and then its name: books.xml, books-000002.xml. Entities and "
              "defaults of a DOCTYPE are put in place, and what stands around the root elements "
              "is left out; other formats become the text of an element `document`."),
          "Name of the files; {sink} is the sink's name.", "out/{sink}/books.xml")
          .field("root", &XmlOutputConfig::root, "Name of the element around them.",
                 check(root_problem)),
      open,
      {},
      {},
      [](const std::any& settings) {
        return segment_patterns(std::any_cast<const XmlOutputConfig&>(settings));
      }};
}

}  // namespace docmill
