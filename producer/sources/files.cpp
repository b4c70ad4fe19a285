// `files`: whole files, or the records that are cut out of files of XML or JSON.
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "producer/files/file_leftover.h"
#include "producer/files/file_source.h"
#include "producer/files/input_files.h"
#include "producer/files/split_file.h"
#include "producer/files/whole_file.h"
#include "producer/sources/sources.h"
#include "shared/config/schema.h"
#include "shared/document/notes.h"

namespace docmill {
namespace {

struct FilesConfig : InputFiles {
  std::optional<std::string> split;
  std::map<std::string, std::string> keep;  // path of an attribute by name
  FormatChoice format = FormatChoice::kAuto;
};

std::optional<std::string> path_problem(const std::string& split) {
  const Result<SplitPath> path = SplitPath::parse(split, FormatChoice::kAuto);
  return path ? std::nullopt : std::optional(path.error().text);
}

std::optional<std::string> attribute_problem(const std::string& text) {
  const Result<AttributePath> path = AttributePath::parse(text);
  return path ? std::nullopt : std::optional(path.error().text);
}

// Names stand in notes as they are; "loss" is what conversions say.
std::optional<std::string> names_problem(const std::map<std::string, std::string>& keep) {
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  for (const auto& [name, path] : keep) {
    if (name.empty() || name == kLossNote || name.find_first_not_of(kLetters) != name.npos) {
      return fmt::format("expected names of letters, digits, '_' and '-', not 'loss', got '{}'",
                         name);
    }
  }
  return std::nullopt;
}

std::optional<std::string> inconsistency(const FilesConfig& config) {
  if (auto problem = input_files_problem(config)) return problem;
  if (!config.split) {
    return config.keep.empty()
               ? std::nullopt
               : std::optional<std::string>("keep needs split; give the path of the records");
  }
  if (config.format == FormatChoice::kText) {
    return "split cuts XML and JSON, got format 'text'; leave the format out";
  }
  const Result<SplitPath> path = SplitPath::parse(*config.split, config.format);
  if (!path) return "split: " + path.error().text;
  if (!path->xml && !config.keep.empty()) return "keep is for XML; leave it out for JSON";
  return std::nullopt;
}

Schema<FilesConfig> schema() {
  auto fields =
      Schema<FilesConfig>(
          "files",
          "Read files, each as one document or split into records; gzip and zstd are expanded.")
          .field("path", static_cast<std::filesystem::path FilesConfig::*>(&InputFiles::path),
                 "A file, a folder or a pattern; {producer} stands for the name of the producer.",
                 required, example("incoming/*.xml"))
          .field("split", &FilesConfig::split,
                 "Cut records out of files, each a document of its own: of XML the elements at "
                 "this path, "
                 "of JSON the items of the array at this JSON Pointer, in which * is every item "
                 "(/pages/*/items).",
                 example("/catalog/book"), check(path_problem))
          .field("keep", &FilesConfig::keep,
                 "Attributes of the elements around a record of XML that become notes of it: a "
                 "name and "
                 "the path of the attribute for each.",
                 example("{ language: \"/catalog/@xml:lang\" }"), check(attribute_problem),
                 check(names_problem))
          .field("format", &FilesConfig::format,
                 "What a file is; auto looks at its first character.");
  return with_input_files(std::move(fields)).consistent(inconsistency).shorthand("path");
}

FileSourceOptions whole(const FilesConfig& config, const SourceContext& context) {
  return {
      .key = "files",
      .path = config.path.string(),
      .claims = config.claims_folder(),
      .reader = "files",
      .what = "document",
      .watch = config.watch,
      .when_done = config.done(),
      .one_document = true,
      .open = [format = config.format, limit = context.limits.document,
               memory = std::make_shared<std::vector<char>>()](
                  FileReader reader, const FilePosition& from) -> std::unique_ptr<FileDocuments> {
        return std::make_unique<WholeFile>(std::move(reader), from.file, format, limit, memory);
      }};
}

FileSourceOptions split(const FilesConfig& config, const SplitPath& path,
                        const SourceContext& context) {
  return {
      .key = "files",
      .path = config.path.string(),
      .claims = config.claims_folder(),
      .reader = "split",
      .what = fmt::format("{} at {}", path.xml ? "element" : "item",
                          config.split->empty() ? "the top" : *config.split),
      .watch = config.watch,
      .when_done = config.done(),
      .open = [path, limits = context.limits](
                  FileReader reader, const FilePosition& from) -> std::unique_ptr<FileDocuments> {
        return std::make_unique<SplitFile>(std::move(reader), from, path, limits);
      }};
}

Result<std::unique_ptr<Source>> open(const std::any& settings, const SourceContext& context) {
  const auto& config = std::any_cast<const FilesConfig&>(settings);
  if (!config.split) return FileSource::open(whole(config, context), context);
  Result<SplitPath> path = SplitPath::parse(*config.split, config.format);
  if (!path) return path.error();
  for (const auto& [name, text] : config.keep) {
    const Result<AttributePath> kept = AttributePath::parse(text);
    if (!kept) return kept.error();
    path->keep.emplace(name, *kept);
  }
  path->accept_doctype = context.xml.dtd == XmlDtd::kInternal;
  return FileSource::open(split(config, *path, context), context);
}

Result<std::unique_ptr<Source>> open_on(const std::any& settings, const std::filesystem::path& file,
                                        const SourceContext& context) {
  auto config = std::any_cast<FilesConfig>(settings);
  static_cast<InputFiles&>(config) = InputFiles();
  config.path = file;
  return open(config, context);
}

std::string kind(const std::any& settings, const std::string&) {
  return std::any_cast<const FilesConfig&>(settings).split ? "split " : "files ";
}

// A split file ends in a batch of its own; whole files are documents.
Result<Leftover> leftover(const std::any& settings, const Leaving& leaving,
                          const SourceContext& context) {
  const bool split = std::any_cast<const FilesConfig&>(settings).split.has_value();
  return split ? file_leftover("split", leaving, leaving.batches, context)
               : file_leftover("files", leaving, leaving.documents, context);
}

}  // namespace

SourceComponent files_source() { return {schema(), open, kind, {}, open_on, leftover}; }

}  // namespace docmill
