#include "sink/outputs/ndjson.h"

#include <filesystem>

#include "shared/config/schema.h"
#include "shared/document/json_scanner.h"
#include "shared/document/json_text.h"
#include "shared/document/json_writer.h"
#include "sink/files.h"

namespace docmill {
namespace {

struct NdjsonConfig {
  std::filesystem::path path;
};

class NdjsonOutput final : public Output {
 public:
  explicit NdjsonOutput(AppendFile file) : scanner_(kAnyJson), file_(std::move(file)) {}

  void add(const DocumentView& document) override {
    if (document.format == Format::kJson && scanner_.scan(document.bytes, tape_)) {
      if (tape_.minified) {
        file_.append(document.bytes);
      } else {
        line_.clear();
        append_json(tape_, 0, line_);
        file_.append(line_);
      }
    } else {
      line_.clear();
      append_json_string(line_, document.bytes);
      file_.append(line_);
    }
    file_.append("\n");
  }
  Result<void> sync() override { return file_.sync(); }
  void marks(std::vector<FileMark>& out) const override { out.push_back(file_.mark()); }

 private:
  // A pipeline's own limits were enforced where its documents were made.
  static constexpr JsonReadOptions kAnyJson{
      .limits = {.document{(1ULL << 32) - 1}, .token{(1ULL << 32) - 1}, .depth = 10'000}};

  JsonScanner scanner_;
  JsonTape tape_;
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
              "Appends each document to a file, one line per document. JSON loses the white space "
              "between its tokens and nothing else; other formats, and what claims to be JSON and "
              "is not, become a JSON string.")
              .field("path", &NdjsonConfig::path,
                     "File to append to; created when missing. {sink} is the sink's name.",
                     required, example("out/{sink}/books.ndjson")),
          open};
}

}  // namespace docmill
