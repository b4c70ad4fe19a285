#include "sink/outputs/ndjson.h"

#include "sink/json_line.h"
#include "sink/segments/segmented_file.h"

namespace docmill {
namespace {

struct NdjsonConfig : SegmentSettings {
  bool metadata = false;
};

class NdjsonOutput final : public Output {
 public:
  NdjsonOutput(SegmentedFile file, bool with_metadata)
      : line_(with_metadata), file_(std::move(file)) {}

  void add(const DocumentId&, const DocumentView& document) override {
    file_.begin_document();
    file_.append(line_.write(document));
    file_.append("\n");
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
  const auto& config = std::any_cast<const NdjsonConfig&>(settings);
  auto file = SegmentedFile::open(config, {.kind = "ndjson", .begin = {}, .between = {}, .end = {}},
                                  context);
  if (!file) return file.error();
  return std::unique_ptr<Output>(std::make_unique<NdjsonOutput>(std::move(*file), config.metadata));
}

std::vector<std::string> files(const std::any& settings) {
  const auto& config = std::any_cast<const NdjsonConfig&>(settings);
  const bool is_plain = !config.rotate && config.compress == Packing::kNone;
  return is_plain ? std::vector{config.path.string()} : segment_patterns(config);
}

}  // namespace

OutputComponent ndjson_output() {
  return {with_segments(
              Schema<NdjsonConfig>(
                  "ndjson",
                  "Appends each document to a file, one line per document. JSON loses the white "
                  "space between its tokens and nothing else; other formats, and what claims to be "
                  "JSON and is not, become a JSON string."),
              "File to append to; created when missing. {sink} is the sink's name.",
              "out/{sink}/books.ndjson")
              .field("metadata", &NdjsonConfig::metadata, std::string(kMetadataMeaning)),
          open,
          {},
          {},
          files};
}

}  // namespace docmill
