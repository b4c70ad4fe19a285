#include "cli/testing/sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>

#include "cli/testing/pretty_json.h"
#include "cli/testing/yaml_json.h"
#include "shared/base/hash.h"
#include "shared/base/units.h"
#include "shared/document/utf8.h"
#include "shared/store/file_descriptor.h"

namespace docmill {
namespace {

// Comparing goes down with the nesting; what is deeper is compared as text.
constexpr JsonReadOptions kReadable{
    .limits = {.document{(1ULL << 32) - 1}, .token{(1ULL << 32) - 1}, .depth = 4000}};

std::string_view name_of(Format format) {
  switch (format) {
    case Format::kXml:
      return "XML";
    case Format::kJson:
      return "JSON";
    case Format::kText:
      return "text";
    case Format::kBytes:
      break;
  }
  return "bytes";
}

// The break at the end is the file's or the editor's, not the document's.
std::string_view without_break(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

bool is_text(std::string_view bytes) {
  const auto is_control = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\t' && c != '\n' && c != '\r';
  };
  return is_utf8(bytes) && std::none_of(bytes.begin(), bytes.end(), is_control);
}

std::string bytes_text(std::string_view bytes) {
  return fmt::format("({} bytes that are not text, hash {:016x})", human_count(bytes.size()),
                     hash64(bytes));
}

std::size_t first_difference(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first -
                                  a.begin());
}

std::string byte_at(std::string_view bytes, std::size_t at) {
  if (at == bytes.size()) return "the end";
  return fmt::format("0x{:02x}", static_cast<unsigned char>(bytes[at]));
}

// The character in which the byte at that place is.
std::string character_at(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U)
    --at;
  if (at >= text.size()) return "the end";
  std::uint32_t code = 0;
  const std::size_t length = utf8_length(text.substr(at));
  const auto lead = static_cast<unsigned char>(text[at]);
  code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    code = code << 6U | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  }
  return fmt::format("U+{:04X}", code);
}

// Characters that look alike, or like nothing.
std::string character_remark(std::string_view expected, std::string_view found) {
  const std::size_t at = first_difference(expected, found);
  const auto is_wide = [at](std::string_view text) {
    return at < text.size() && static_cast<unsigned char>(text[at]) >= 0x80;
  };
  if (!is_wide(expected) && !is_wide(found)) return "";
  return fmt::format("expected {}, found {} where they part", character_at(expected, at),
                     character_at(found, at));
}

// XML on one line shows each tag on a line of its own. No two texts become the same by it.
std::string broken(std::string_view text) {
  std::string lines;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && text[i] == '<' && text[i - 1] == '>') lines += '\n';
    lines += text[i];
  }
  return lines;
}

bool is_one_line(std::string_view text) { return text.find('\n') == text.npos; }

}  // namespace

Sample sample_of(const TestDocument& document, const std::filesystem::path& folder) {
  if (document.file.empty() && document.node.kind == YamlNode::Kind::kScalar) {
    return {.bytes = document.node.text, .any_format = true};
  }
  if (document.file.empty()) return {.bytes = json_of(document.node), .format = Format::kJson};
  const std::filesystem::path path = folder / document.file;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return {.bytes = {},
            .any_format = true,
            .failure = fmt::format("{}: {}", path.string(), error_text(errno))};
  }
  return {.bytes = {std::istreambuf_iterator<char>(file), {}}, .any_format = true};
}

Sample sample_of(const TestOutcome::Made& made) {
  return {.bytes = made.bytes, .format = made.format};
}

SampleComparison::SampleComparison() : scanner_(kReadable) {}

std::optional<std::string> SampleComparison::pretty(const Sample& sample, JsonTape& tape,
                                                    const JsonTape* like) {
  if (!scanner_.scan(sample.bytes, tape)) return std::nullopt;
  std::string text;
  append_pretty(tape, like, text);
  return text;
}

SampleComparison::Texts SampleComparison::compare(const Sample& expected, const Sample& found) {
  const bool want_json = expected.format == Format::kJson;
  if (found.format == Format::kJson && (want_json || expected.any_format)) {
    if (const auto a = pretty(expected, expected_, nullptr)) {
      if (const auto b = pretty(found, found_, &expected_)) {
        return {*a, *b, *a != *b, character_remark(*a, *b)};
      }
    }
  }
  const std::string_view a = without_break(expected.bytes);
  const std::string_view b = without_break(found.bytes);
  if (!expected.failure.empty() || (want_json && found.format != Format::kJson)) {
    return {text(expected), text(found), true,
            expected.failure.empty() ? fmt::format("expected JSON, found {}", name_of(found.format))
                                     : expected.failure};
  }
  if (!is_text(a) || !is_text(b)) {
    const std::size_t at = first_difference(a, b);
    return {is_text(a) ? std::string(a) : bytes_text(a),
            is_text(b) ? std::string(b) : bytes_text(b), a != b,
            fmt::format("at byte {} expected {}, found {}", at, byte_at(a, at), byte_at(b, at))};
  }
  const bool break_up = is_one_line(a) && is_one_line(b);
  return {break_up ? broken(a) : std::string(a), break_up ? broken(b) : std::string(b), a != b,
          character_remark(a, b)};
}

std::string SampleComparison::text(const Sample& sample) {
  if (sample.format == Format::kJson) {
    if (auto json = pretty(sample, expected_, nullptr)) return *json;
  }
  const std::string_view bytes = without_break(sample.bytes);
  if (!is_text(bytes)) return bytes_text(bytes);
  return is_one_line(bytes) ? broken(bytes) : std::string(bytes);
}

}  // namespace docmill
