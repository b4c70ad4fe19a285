#include "cli/convert.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>

#include "shared/base/text.h"
#include "shared/document/json_to_xml.h"
#include "shared/document/xml_to_json.h"
#include "shared/runtime/exit_code.h"
#include "shared/store/file_descriptor.h"

namespace docmill {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// All of it, but not more than a document may have and one byte.
std::optional<std::string> read_all(std::FILE* file, Bytes limit) {
  std::string bytes;
  char block[64 << 10];
  while (bytes.size() <= limit.count) {
    const std::size_t size = std::fread(block, 1, sizeof block, file);
    bytes.append(block, size);
    if (size < sizeof block) break;
  }
  if (std::ferror(file) != 0) return std::nullopt;
  return bytes;
}

std::optional<std::string> read_input(const std::string& file, Bytes limit) {
  if (file.empty()) return read_all(stdin, limit);
  const std::unique_ptr<std::FILE, Close> opened(std::fopen(file.c_str(), "rb"));
  return opened == nullptr ? std::nullopt : read_all(opened.get(), limit);
}

int fail_usage(std::string_view option, const std::string& text) {
  fmt::print(stderr, "{}: {}\n", option, text);
  return kExitUsage;
}

int print(std::string text) {
  text += '\n';
  if (std::fwrite(text.data(), 1, text.size(), stdout) < text.size() || std::fflush(stdout) != 0) {
    fmt::print(stderr, "standard output: {}\n", error_text(errno));
    return kExitIo;
  }
  return kExitOk;
}

// Reads the document, converts it and prints the result; converter: XmlToJson or JsonToXml.
template <typename Converter>
int convert(const std::string& file, Bytes limit, Converter& converter) {
  const std::string name = file.empty() ? "standard input" : file;
  const auto input = read_input(file, limit);
  if (!input) {
    fmt::print(stderr, "{}: {}; name a file that this user may read\n", name, error_text(errno));
    return kExitNoInput;
  }
  std::string output;
  if (auto converted = converter.convert(*input, output); !converted) {
    fmt::print(stderr, "{}: {}\n", name, converted.error().text);
    return kExitData;
  }
  return print(std::move(output));
}

}  // namespace

int convert_command(const ConvertOptions& options) {
  auto force_list = ForceList::parse(options.force_list);
  if (!force_list) return fail_usage("--force-list", force_list.error().text);
  const XmlReadOptions limits;
  if (options.to == "json") {
    JsonOptions json;
    json.force_list = std::move(*force_list);
    XmlToJson converter(limits, json);
    return convert(options.file, limits.limits.document, converter);
  }
  if (options.to != "xml") {
    return fail_usage("--to", fmt::format("expected json or xml, found '{}'", options.to));
  }
  const auto convention =
      find_xml_convention(options.convention.empty() ? "natural" : options.convention);
  if (!convention) {
    return fail_usage("--convention", fmt::format("expected {}, found '{}'",
                                                  either(kXmlConventions), options.convention));
  }
  JsonToXml converter({.convention = *convention});
  return convert(options.file, limits.limits.document, converter);
}

}  // namespace docmill
