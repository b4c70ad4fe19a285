// `lines`: one document a line.
#include <filesystem>
#include <optional>

#include "producer/files/file_leftover.h"
#include "producer/files/file_source.h"
#include "producer/files/input_files.h"
#include "producer/files/line_file.h"
#include "producer/sources/sources.h"
#include "shared/config/schema.h"

namespace docmill {
namespace {

struct LinesConfig : InputFiles {
  FormatChoice format = FormatChoice::kAuto;
};

Schema<LinesConfig> schema() {
  auto fields =
      Schema<LinesConfig>(
          "lines", "Read files line by line, each line a document; gzip and zstd are expanded.")
          .field("path", static_cast<std::filesystem::path LinesConfig::*>(&InputFiles::path),
                 "A file, a folder or a pattern; {producer} stands for the name of the producer.",
                 required, example("incoming/*.ndjson"))
          .field("format", &LinesConfig::format,
                 "What a line is; auto looks at its first character.");
  return with_input_files(std::move(fields)).consistent(input_files_problem).shorthand("path");
}

Result<std::unique_ptr<Source>> open(const std::any& settings, const SourceContext& context) {
  const auto& config = std::any_cast<const LinesConfig&>(settings);
  return FileSource::open(
      {.key = "lines",
       .path = config.path.string(),
       .claims = config.claims_folder(),
       .reader = "lines",
       .what = "line",
       .watch = config.watch,
       .when_done = config.done(),
       .open = [format = config.format, limit = context.limits.document](
                   FileReader reader, const FilePosition& from) -> std::unique_ptr<FileDocuments> {
         return std::make_unique<LineFile>(std::move(reader), from, format, limit);
       }},
      context);
}

Result<std::unique_ptr<Source>> open_on(const std::any& settings, const std::filesystem::path& file,
                                        const SourceContext& context) {
  auto config = std::any_cast<LinesConfig>(settings);
  static_cast<InputFiles&>(config) = InputFiles();
  config.path = file;
  return open(config, context);
}

std::string kind(const std::any&, const std::string&) { return "lines "; }

// Every file ends in a batch of its own.
Result<Leftover> leftover(const std::any&, const Leaving& leaving, const SourceContext& context) {
  return file_leftover("lines", leaving, leaving.batches, context);
}

}  // namespace

SourceComponent lines_source() { return {schema(), open, kind, {}, open_on, leftover}; }

}  // namespace docmill
