#include "sink/outputs/json.h"

#include "sink/json_line.h"
#include "sink/segments/segmented_file.h"

namespace docmill {
namespace {

// A line for each document, so that the array can be read as text.
constexpr Framing kArray{.kind = "json", .begin = "[\n", .between = ",\n", .end = "\n]\n"};

struct JsonConfig : SegmentSettings {
  bool metadata = false;
};

class JsonOutput final : public Output {
 public:
  JsonOutput(SegmentedFile file, bool with_metadata)
      : line_(with_metadata), file_(std::move(file)) {}

  void add(const DocumentId&, const DocumentView& document) override {
    file_.begin_document();
    file_.append(line_.write(document));
  }
  Result<void> sync() override { return file_.sync(); }
  void marks(std::vector<FileMark>& out) const override { file_.marks(out); }
  Result<void> settle() override { return file_.settle(); }
  void on_current_ledger() override { file_.on_current_ledger(); }
  bool due(Time now, bool stopping) override { return file_.due(now, stopping); }

 private:
  JsonLine line_;
  SegmentedFile file_;
};

Result<std::unique_ptr<Output>> open(const std::any& settings, const OutputContext& context) {
  const auto& config = std::any_cast<const JsonConfig&>(settings);
  auto file = SegmentedFile::open(config, kArray, context);
  if (!file) return file.error();
  return std::unique_ptr<Output>(std::make_unique<JsonOutput>(std::move(*file), config.metadata));
}

}  // namespace

OutputComponent json_output() {
  return {
      with_segments(
          Schema<JsonConfig>(
              "json",
              "Writes files that are one JSON array each, a line for each document. The file that "
              "grows has `.open` at the end of its name, and no closing bracket; when it ends "
              "the bracket comes, and then its name: books.json, books-000002.json. Other formats "
              "become a JSON string."),
          "Name of the files; {sink} is the sink's name.", "out/{sink}/books.json")
          .field("metadata", &JsonConfig::metadata, std::string(kMetadataMeaning)),
      open,
      {},
      {},
      [](const std::any& settings) {
        return segment_patterns(std::any_cast<const JsonConfig&>(settings));
      }};
}

}  // namespace docmill
