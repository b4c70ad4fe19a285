// `lines`: one document a line.
#include <filesystem>
#include <optional>

#include "producer/files/claims_field.h"
#include "producer/files/file_source.h"
#include "producer/files/line_file.h"
#include "producer/files/watch_field.h"
#include "producer/files/when_done.h"
#include "producer/sources/sources.h"
#include "shared/config/schema.h"

namespace docmill {
namespace {

struct LinesConfig {
  std::filesystem::path path;
  std::optional<std::filesystem::path> claims;
  bool watch = false;
  WhenDoneAction when_done = WhenDoneAction::kKeep;
  std::optional<std::filesystem::path> move_to;
  FormatChoice format = FormatChoice::kAuto;
};

Schema<LinesConfig> schema() {
  return Schema<LinesConfig>(
             "lines", "Read files line by line, each line a document; gzip and zstd are expanded.")
      .field("path", &LinesConfig::path,
             "A file, a folder or a pattern; {producer} stands for the name of the producer.",
             required, example("incoming/*.ndjson"))
      .field("format", &LinesConfig::format, "What a line is; auto looks at its first character.")
      .field("claims", &LinesConfig::claims, std::string(kClaimsMeaning), example("claims"),
             check(claims_problem))
      .field("watch", &LinesConfig::watch, std::string(kWatchMeaning))
      .field("when_done", &LinesConfig::when_done, std::string(kWhenDoneMeaning))
      .field("move_to", &LinesConfig::move_to, std::string(kMoveToMeaning), example("done"))
      .consistent([](const LinesConfig& config) {
        if (config.watch && config.claims) return std::optional<std::string>(kWatchAlone);
        return when_done_problem(config.when_done, config.move_to, config.path, config.claims);
      })
      .shorthand("path");
}

Result<std::unique_ptr<Source>> open(const std::any& settings, const SourceContext& context) {
  const auto& config = std::any_cast<const LinesConfig&>(settings);
  return FileSource::open(
      {.key = "lines",
       .path = config.path.string(),
       .claims = claims_folder(config.claims),
       .reader = "lines",
       .what = "line",
       .watch = config.watch,
       .when_done = {config.when_done, config.move_to.value_or("")},
       .open = [format = config.format, limit = context.limits.document](
                   FileReader reader, const FilePosition& from) -> std::unique_ptr<FileDocuments> {
         return std::make_unique<LineFile>(std::move(reader), from, format, limit);
       }},
      context);
}

Result<std::unique_ptr<Source>> open_on(const std::any& settings, const std::filesystem::path& file,
                                        const SourceContext& context) {
  auto config = std::any_cast<LinesConfig>(settings);
  config.path = file;
  config.claims.reset();
  config.watch = false;
  config.when_done = WhenDoneAction::kKeep;
  config.move_to.reset();
  return open(config, context);
}

}  // namespace

SourceComponent lines_source() { return {schema(), open, {}, open_on}; }

}  // namespace docmill
