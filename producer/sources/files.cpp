// `files`: whole files, or the records that are cut out of XML files.
#include <filesystem>
#include <optional>
#include <string>

#include "producer/files/file_source.h"
#include "producer/files/split_file.h"
#include "producer/files/whole_file.h"
#include "producer/sources/sources.h"
#include "shared/config/schema.h"

namespace docmill {
namespace {

struct FilesConfig {
  std::filesystem::path path;
  std::string split;
  FormatChoice format = FormatChoice::kAuto;
};

std::optional<std::string> path_problem(const std::string& split) {
  if (split.empty()) return std::nullopt;
  const Result<ElementPath> path = ElementPath::parse(split);
  return path ? std::nullopt : std::optional(path.error().text);
}

std::optional<std::string> inconsistency(const FilesConfig& config) {
  const bool xml = config.format == FormatChoice::kAuto || config.format == FormatChoice::kXml;
  if (config.split.empty() || xml) return std::nullopt;
  return fmt::format("split cuts XML, got format '{}'; leave the format out",
                     ScalarType<FormatChoice>::write(config.format));
}

Schema<FilesConfig> schema() {
  return Schema<FilesConfig>(
             "files",
             "Read files, each as one document or split into records; gzip and zstd are expanded.")
      .field("path", &FilesConfig::path,
             "A file, a folder or a pattern; {producer} stands for the name of the producer.",
             required, example("incoming/*.xml"))
      .field("split", &FilesConfig::split,
             "Cut these elements out of XML files, each a document of its own.",
             example("/catalog/book"), check(path_problem))
      .field("format", &FilesConfig::format,
             "What a whole file is; auto looks at its first character.")
      .consistent(inconsistency)
      .shorthand("path");
}

FileSourceOptions whole(const FilesConfig& config, const SourceContext& context) {
  return {
      .key = "files",
      .path = config.path.string(),
      .reader = "files",
      .what = "document",
      .one_document = true,
      .open = [format = config.format, limit = context.limits.document](
                  FileReader reader, const FilePosition& from) -> std::unique_ptr<FileDocuments> {
        return std::make_unique<WholeFile>(std::move(reader), from.file, format, limit);
      }};
}

FileSourceOptions split(const FilesConfig& config, const ElementPath& path,
                        const SourceContext& context) {
  return {
      .key = "files",
      .path = config.path.string(),
      .reader = "split",
      .what = "element at " + config.split,
      .open = [path, limits = context.limits](
                  FileReader reader, const FilePosition& from) -> std::unique_ptr<FileDocuments> {
        return std::make_unique<SplitFile>(std::move(reader), from, path, limits);
      }};
}

Result<std::unique_ptr<Source>> open(const std::any& settings, const SourceContext& context) {
  const auto& config = std::any_cast<const FilesConfig&>(settings);
  if (config.split.empty()) return FileSource::open(whole(config, context), context);
  const Result<ElementPath> path = ElementPath::parse(config.split);
  if (!path) return path.error();
  return FileSource::open(split(config, *path, context), context);
}

}  // namespace

SourceComponent files_source() { return {schema(), open}; }

}  // namespace docmill
