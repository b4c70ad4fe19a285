#include "sink/outputs/ndjson.h"

#include <fmt/format.h>

#include <filesystem>
#include <iterator>

#include "shared/config/schema.h"
#include "shared/document/json_scanner.h"
#include "shared/document/json_text.h"
#include "shared/document/json_writer.h"
#include "sink/files.h"

namespace docmill {
namespace {

struct NdjsonConfig {
  std::filesystem::path path;
  bool metadata = false;
};

class NdjsonOutput final : public Output {
 public:
  NdjsonOutput(AppendFile file, bool with_metadata)
      : with_metadata_(with_metadata), scanner_(kAnyJson), file_(std::move(file)) {}

  void add(const DocumentId&, const DocumentView& document) override {
    if (with_metadata_) append_metadata(document);
    if (document.format == Format::kJson && is_one_line(document.bytes)) {
      file_.append(document.bytes);
    } else {
      line_.clear();
      if (document.format == Format::kJson && scanner_.scan(document.bytes, tape_)) {
        append_json(tape_, 0, line_);
      } else {
        append_json_string(line_, document.bytes);
      }
      file_.append(line_);
    }
    file_.append(with_metadata_ ? "}\n" : "\n");
  }
  Result<void> sync() override { return file_.sync(); }
  void marks(std::vector<FileMark>& out) const override { out.push_back(file_.mark()); }

 private:
  // Transformers let only JSON pass as JSON, and no string of it holds a line break. (One search
  // for both would look at byte by byte.)
  static bool is_one_line(std::string_view json) {
    return json.find('\n') == json.npos && json.find('\r') == json.npos;
  }
  void append_metadata(const DocumentView& document) {
    line_ = "{\"metadata\":{\"source\":";
    append_json_string(line_, document.origin.source);
    fmt::format_to(std::back_inserter(line_), R"(,"record":{},"offset":{},"line":{})",
                   document.origin.record, document.origin.offset, document.origin.line);
    if (!document.notes.empty()) line_.append(",").append(document.notes);
    line_ += "},\"document\":";
    file_.append(line_);
  }

  // A pipeline's own limits were enforced where its documents were made.
  static constexpr JsonReadOptions kAnyJson{
      .limits = {.document{(1ULL << 32) - 1}, .token{(1ULL << 32) - 1}, .depth = 10'000}};

  bool with_metadata_;
  JsonScanner scanner_;
  JsonTape tape_;
  AppendFile file_;
  std::string line_;
};

Result<std::unique_ptr<Output>> open(const std::any& settings, const OutputContext& context) {
  const auto& config = std::any_cast<const NdjsonConfig&>(settings);
  auto file = open_sink_file(config.path, context);
  if (!file) return file.error();
  return std::unique_ptr<Output>(std::make_unique<NdjsonOutput>(std::move(*file), config.metadata));
}

}  // namespace

OutputComponent ndjson_output() {
  return {
      Schema<NdjsonConfig>(
          "ndjson",
          "Appends each document to a file, one line per document. JSON loses the white space "
          "between its tokens and nothing else; other formats, and what claims to be JSON and "
          "is not, become a JSON string.")
          .field("path", &NdjsonConfig::path,
                 "File to append to; created when missing. {sink} is the sink's name.", required,
                 example("out/{sink}/books.ndjson"))
          .field("metadata", &NdjsonConfig::metadata,
                 "Each line is {\"metadata\": {...}, \"document\": ...}: source, record, offset "
                 "and line of where it came from, and what processors noted (loss, key)."),
      open};
}

}  // namespace docmill
