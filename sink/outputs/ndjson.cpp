#include "sink/outputs/ndjson.h"

#include <algorithm>
#include <filesystem>

#include "shared/config/schema.h"
#include "shared/document/json_text.h"
#include "sink/files.h"

namespace docmill {
namespace {

struct NdjsonConfig {
  std::filesystem::path path;
};

class NdjsonOutput final : public Output {
 public:
  explicit NdjsonOutput(AppendFile file) : file_(std::move(file)) {}

  void add(const DocumentView& document) override {
    if (document.format != Format::kJson) {
      line_.clear();
      append_json_string(line_, document.bytes);
      file_.append(line_);
    } else if (is_one_line(document.bytes)) {
      file_.append(document.bytes);
    } else {
      line_ = document.bytes;
      std::replace_if(
          line_.begin(), line_.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
      file_.append(line_);
    }
    file_.append("\n");
  }
  Result<void> sync() override { return file_.sync(); }
  void marks(std::vector<FileMark>& out) const override { out.push_back(file_.mark()); }

 private:
  AppendFile file_;
  std::string line_;
};

Result<std::unique_ptr<Output>> open(const std::any& settings, const OutputContext& context) {
  const auto& config = std::any_cast<const NdjsonConfig&>(settings);
  auto file = open_sink_file(config.path, context);
  if (!file) return file.error();
  return std::unique_ptr<Output>(std::make_unique<NdjsonOutput>(std::move(*file)));
}

}  // namespace

OutputComponent ndjson_output() {
  return {Schema<NdjsonConfig>(
              "ndjson",
              "Appends each document to a file, one line per document. JSON stands as it "
              "is, on one line; other formats become a JSON string.")
              .field("path", &NdjsonConfig::path,
                     "File to append to; created when missing. {sink} is the sink's name.",
                     required, example("out/{sink}/books.ndjson")),
          open};
}

}  // namespace docmill
