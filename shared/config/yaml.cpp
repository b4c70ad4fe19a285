#include "shared/config/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <sstream>
#include <system_error>

#include "shared/base/log.h"
#include "shared/config/yaml_builder.h"

namespace docmill {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;

std::string lower_first(std::string text) {
  const auto is_upper = [&](std::size_t i) {
    return i < text.size() && std::isupper(text[i]) != 0;
  };
  if (is_upper(0) && !is_upper(1)) text[0] = static_cast<char>(std::tolower(text[0]));
  return text;
}

// The length of the UTF-8 character at the front; 0 when it is not one (RFC 3629: no overlong
// forms, no surrogates, nothing above U+10FFFF).
std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F)) return 0;
    return follows(1) && follows(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if ((lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F)) return 0;
    return follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

// The YAML library takes what is not text silently, or worse; so it never sees it.
bool is_text(std::string_view text, const Place& place) {
  int line = 1;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_bytes(text.substr(at));
    const auto byte = static_cast<unsigned char>(text[at]);
    if (length == 0) {
      place.report(line, fmt::format("not UTF-8 (byte 0x{:02x}); save the file as UTF-8", byte));
      return false;
    }
    if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F) {
      place.report(line, fmt::format("a control character (byte 0x{:02x}); remove it", byte));
      return false;
    }
    if (byte == '\n') ++line;
    at += length;
  }
  return true;
}

// True when the line's indentation has a tab, which YAML forbids and the library explains badly.
bool has_tab_indent(std::string_view text, int line) {
  for (int i = 1; i < line; ++i) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  const std::string_view indent = text.substr(0, text.find_first_not_of(" \t"));
  return indent.find('\t') != std::string_view::npos;
}

std::string explained(const YAML::Exception& error, std::string_view text, int line) {
  if (error.msg == YAML::ErrorMsg::DOC_IN_SCALAR || error.msg == YAML::ErrorMsg::EOF_IN_SCALAR) {
    return "not YAML: a quote above is never closed";
  }
  if (line > 0 && has_tab_indent(text, line)) {
    return "not YAML: a tab in the indentation; use spaces";
  }
  return "not YAML: " + lower_first(escape_controls(error.msg));
}

}  // namespace

std::optional<YamlNode> parse_yaml(std::string_view text, const Place& place) {
  if (text.size() > kMostBytes) {
    place.report(0, "larger than 1MiB; a pipeline file is small");
    return std::nullopt;
  }
  if (!is_text(text, place)) return std::nullopt;
  try {
    // The end of the document is marked, because the library takes the end of the text for the end
    // of a quote.
    const char* end = text.empty() || text.ends_with('\n') ? "...\n" : "\n...\n";
    std::istringstream stream{std::string(text) + end};
    YAML::Parser parser(stream);
    YamlBuilder builder;
    parser.HandleNextDocument(builder);
    YamlBuilder second;
    if (parser.HandleNextDocument(second)) {
      place.report(second.take().line, "a second document; a pipeline file holds one");
      return std::nullopt;
    }
    return builder.take();
  } catch (const YamlStop& stop) {
    place.report(stop.line, stop.text);
  } catch (const YAML::Exception& error) {
    const int line = error.mark.is_null() ? 0 : error.mark.line + 1;
    place.report(line, explained(error, text, line));
  }
  return std::nullopt;
}

std::optional<YamlNode> read_yaml(const std::filesystem::path& file, const Place& place) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(
      std::fopen(file.c_str(), "rb"), [](std::FILE* f) { return f ? std::fclose(f) : 0; });
  std::string text;
  if (in) {
    text.resize(kMostBytes + 1);
    text.resize(std::fread(text.data(), 1, text.size(), in.get()));
  }
  if (!in || std::ferror(in.get()) != 0) {
    const std::string reason = lower_first(std::generic_category().message(errno));
    place.report(0, fmt::format("cannot be read: {}; give the path of a pipeline file", reason));
    return std::nullopt;
  }
  return parse_yaml(text, place);
}

}  // namespace docmill
