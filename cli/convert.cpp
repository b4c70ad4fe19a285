#include "cli/convert.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>

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

}  // namespace

int convert_command(const ConvertOptions& options) {
  const std::string name = options.file.empty() ? "standard input" : options.file;
  auto force_list = ForceList::parse(options.force_list);
  if (!force_list) {
    fmt::print(stderr, "--force-list: {}\n", force_list.error().text);
    return kExitUsage;
  }
  const XmlReadOptions limits;
  const auto xml = read_input(options.file, limits.limits.document);
  if (!xml) {
    fmt::print(stderr, "{}: {}; name a file that this user may read\n", name, error_text(errno));
    return kExitNoInput;
  }
  std::string json;
  JsonOptions json_options;
  json_options.force_list = std::move(*force_list);
  XmlToJson converter(limits, json_options);
  if (auto converted = converter.convert(*xml, json); !converted) {
    fmt::print(stderr, "{}: {}\n", name, converted.error().text);
    return kExitData;
  }
  json += '\n';
  if (std::fwrite(json.data(), 1, json.size(), stdout) < json.size() || std::fflush(stdout) != 0) {
    fmt::print(stderr, "standard output: {}\n", error_text(errno));
    return kExitIo;
  }
  return kExitOk;
}

}  // namespace docmill
