#include "shared/runtime/processor_definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>

#include "shared/base/binary.h"
#include "shared/base/check.h"
#include "shared/config/substitution.h"
#include "shared/config/yaml.h"
#include "shared/document/xml_schema.h"
#include "shared/document/xml_stylesheet.h"

namespace docmill {
namespace {

constexpr std::uint8_t kVersion = 1;

using Load = Result<void> (*)(const std::filesystem::path& path, NamedFiles& files);

Result<void> load_plain(const std::filesystem::path& path, NamedFiles& files) {
  const auto content = files.read(path);
  if (content) return {};
  return config_error(fmt::format("{}: {}", path.string(), content.error().text));
}

Result<void> load_stylesheet(const std::filesystem::path& path, NamedFiles& files) {
  const auto loaded = XmlStylesheet::load(path, files);
  return loaded ? Result<void>() : loaded.error();
}

template <XmlSchema::Language kLanguage>
Result<void> load_schema(const std::filesystem::path& path, NamedFiles& files) {
  const auto loaded = XmlSchema::load(path, kLanguage, files);
  return loaded ? Result<void>() : loaded.error();
}

// The settings that name a file, and what reads it with all that it imports. The producer does not
// know the processors; a test of the transformer compares this list with their declarations, and a
// processor gets no file that is missing here.
struct FileSetting {
  std::string_view processor;
  std::string_view setting;
  bool shorthand;
  Load load;
};
constexpr FileSetting kFileSettings[] = {
    {"xslt", "stylesheet", true, &load_stylesheet},
    {"validate", "xsd", false, &load_schema<XmlSchema::Language::kXsd>},
    {"validate", "relax_ng", false, &load_schema<XmlSchema::Language::kRelaxNg>},
    {"validate", "json_schema", false, &load_plain},
};

// In place, in every value. A '${' that is meant as it is stays written as '$${'.
Result<void> fill_in(YamlNode& node) {
  for (YamlEntry& entry : node.entries) {
    if (auto filled = fill_in(entry.value); !filled) return filled;
  }
  for (YamlNode& item : node.items) {
    if (auto filled = fill_in(item); !filled) return filled;
  }
  if (node.kind != YamlNode::Kind::kScalar || node.text.find("${") == std::string::npos) return {};
  auto text = substitute(node.text);
  if (!text) return text.error();
  node.text.clear();
  for (std::size_t at = 0; at < text->size(); ++at) {
    if (text->compare(at, 2, "${") == 0) node.text += '$';
    node.text += (*text)[at];
  }
  return {};
}

Result<void> load_files(const YamlNode& processor, NamedFiles& files) {
  if (processor.entries.empty()) return {};
  const YamlEntry& chosen = processor.entries.front();
  for (const FileSetting& setting : kFileSettings) {
    if (chosen.key != setting.processor) continue;
    const bool is_short = setting.shorthand && chosen.value.kind == YamlNode::Kind::kScalar;
    const YamlNode* value = is_short ? &chosen.value : chosen.value.find(setting.setting);
    if (value == nullptr || value->kind != YamlNode::Kind::kScalar) continue;
    const auto path = substitute(value->text);
    if (!path) return path.error();
    if (auto loaded = setting.load(*path, files); !loaded) return loaded;
  }
  return {};
}

}  // namespace

Result<ProcessorDefinition> define_processors(const PipelineConfig& config) {
  ProcessorDefinition definition;
  definition.limits = config.limits;
  definition.xml = config.xml;
  NamedFiles files;
  for (const Component& component : config.transformer.processors) {
    Findings none;
    auto node = parse_yaml(component.canonical, Place(none, ""));
    DOCMILL_CHECK(node, "{} is not canonical", component.canonical);
    auto done = fill_in(*node);
    if (done) done = load_files(*node, files);
    if (!done) return done.error();
    definition.processors += definition.processors.empty() ? "[" : ", ";
    definition.processors += canonical_text(*node);
  }
  definition.processors += definition.processors.empty() ? "[]" : "]";
  definition.files = files.contents();
  return definition;
}

bool is_file_setting(std::string_view processor, std::string_view setting) {
  return std::any_of(std::begin(kFileSettings), std::end(kFileSettings), [&](const auto& one) {
    return one.processor == processor && one.setting == setting;
  });
}

// | version u8 | document u64 | depth u32 | parser u8 | dtd u8 | processors u32 + text |
// | files u32 | for each, by path: path u32 + text, content u32 + bytes |
std::string encode(const ProcessorDefinition& definition) {
  std::string bytes;
  BinaryWriter out(bytes);
  out.number(kVersion);
  out.number(definition.limits.document.count);
  out.number(definition.limits.depth);
  out.number(static_cast<std::uint8_t>(definition.xml.parser));
  out.number(static_cast<std::uint8_t>(definition.xml.dtd));
  out.text<std::uint32_t>(definition.processors);
  out.number(static_cast<std::uint32_t>(definition.files.size()));
  for (const auto& [path, content] : definition.files) {
    out.text<std::uint32_t>(path);
    out.text<std::uint32_t>(content);
  }
  return bytes;
}

Result<ProcessorDefinition> decode_definition(std::string_view bytes) {
  BinaryReader in(bytes);
  ProcessorDefinition definition;
  const auto version = in.number<std::uint8_t>();
  definition.limits.document.count = in.number<std::uint64_t>();
  definition.limits.depth = in.number<std::uint32_t>();
  const auto parser = in.number<std::uint8_t>();
  const auto dtd = in.number<std::uint8_t>();
  definition.processors = in.text<std::uint32_t>();
  for (auto left = in.number<std::uint32_t>(); left > 0 && in.ok(); --left) {
    const std::string path(in.text<std::uint32_t>());
    definition.files[path] = in.text<std::uint32_t>();
  }
  if (version != kVersion) {
    return malformed(
        fmt::format("expected a definition of version {}, found version {}; run the "
                    "same docmill on both sides",
                    kVersion, version));
  }
  if (!in.ok() || !in.left().empty() || parser > 1 || dtd > 1) {
    return malformed("expected a definition of processors, found other bytes");
  }
  definition.xml.parser = static_cast<XmlParser>(parser);
  definition.xml.dtd = static_cast<XmlDtd>(dtd);
  return definition;
}

std::string difference(const ProcessorDefinition& one, const ProcessorDefinition& other) {
  if (one.processors != other.processors) return "the settings of the processors";
  for (const auto& [path, content] : one.files) {
    const auto found = other.files.find(path);
    if (found == other.files.end() || found->second != content) return path;
  }
  if (one.files.size() != other.files.size()) return "the list of the files that are imported";
  const auto read = [](const ProcessorDefinition& of) {
    return std::tuple(of.limits.document.count, of.limits.depth, of.xml.parser, of.xml.dtd);
  };
  return read(one) == read(other) ? "" : "'limits' or 'xml'";
}

}  // namespace docmill
