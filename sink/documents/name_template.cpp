#include "sink/documents/name_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "shared/base/hash.h"
#include "shared/config/findings.h"
#include "shared/config/scalar.h"
#include "shared/config/section.h"
#include "shared/document/notes.h"
#include "shared/document/utf8.h"
#include "sink/file_pattern.h"

namespace docmill {
namespace {

constexpr std::array<std::string_view, 10> kPlaceholders = {
    "sink", "producer", "sequence", "index", "part", "key", "route", "source", "file", "record"};
constexpr std::size_t kLongestName = 255;  // bytes; what file systems take
// Of a name that is too long: what is kept of its beginning, and the longest extension. The rest
// has room for the identity.
constexpr std::size_t kKept = 100;
constexpr std::size_t kLongestExtension = 32;
constexpr std::size_t kDeepest =
    15;  // folders and the file, so that a path has less than 4096 bytes

std::string value_of(std::string_view placeholder, const DocumentId& id,
                     const DocumentView& document) {
  if (placeholder == "producer") return std::string(id.producer);
  if (placeholder == "sequence") return fmt::format("{}", id.sequence);
  if (placeholder == "index") return fmt::format("{}", id.index);
  if (placeholder == "part") return fmt::format("{}", id.part);
  if (placeholder == "key") return find_note(document.notes, kKeyNote).value_or("");
  if (placeholder == "route") return find_note(document.notes, kRouteNote).value_or("");
  if (placeholder == "record") return fmt::format("{}", document.origin.record);
  const std::string_view source = document.origin.source;
  if (placeholder == "file") return std::string(source.substr(source.find_last_of('/') + 1));
  return std::string(source);
}

bool is_plain(std::string_view character, bool is_first) {
  const auto c = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) {
    return c >= 0x20 && c < 0x7f && c != '/' && c != '\\' && c != '%' && c != '~' &&
           !(c == '.' && is_first);
  }
  // The control characters U+0080 to U+009F.
  return !(c == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0);
}

void append_value(std::string_view value, std::size_t component_begin, std::string& out) {
  if (value.empty()) out += '_';
  while (!value.empty()) {
    const std::size_t length = utf8_length(value);
    const std::string_view character = value.substr(0, std::max<std::size_t>(length, 1));
    if (length > 0 && is_plain(character, out.size() == component_begin)) {
      out += character;
    } else {
      for (const char byte : character) {
        fmt::format_to(std::back_inserter(out), "%{:02x}", static_cast<unsigned char>(byte));
      }
    }
    value.remove_prefix(character.size());
  }
}

// The beginning of a name, without half a character or half a %xx at its end.
std::string_view kept_of(std::string_view name) {
  std::size_t end = kKept;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;
  for (std::size_t back = 1; back <= 2 && back <= end; ++back) {
    if (name[end - back] == '%') return name.substr(0, end - back);
  }
  return name.substr(0, end);
}

// What stands in a name for ever, and therefore behind what is put into it.
std::string_view extension_of(std::string_view name, std::string_view last_text) {
  const bool is_one = last_text.starts_with('.') && last_text.size() <= kLongestExtension;
  return name.substr(name.size() - (is_one ? last_text.size() : 0));
}

}  // namespace

std::optional<std::string> NameTemplate::read_component(std::string_view text,
                                                        Component& component) {
  if (text.empty() || text.front() == '.') {
    return fmt::format(
        "must have names that do not begin with a dot behind its first placeholder, "
        "got {}",
        quote(text));
  }
  while (!text.empty()) {
    const std::size_t open = std::min(text.find('{'), text.size());
    Piece piece{.text = std::string(text.substr(0, open)), .value = {}};
    text.remove_prefix(open);
    if (!text.empty()) {
      const std::size_t close = text.find('}');
      if (close == text.npos) return fmt::format("must close its '{{', got {}", quote(text));
      piece.value = text.substr(1, close - 1);
      if (std::count(kPlaceholders.begin(), kPlaceholders.end(), piece.value) == 0) {
        return "has an " + unknown("placeholder {" + piece.value + "}", piece.value,
                                   {kPlaceholders.begin(), kPlaceholders.end()});
      }
      text.remove_prefix(close + 1);
    }
    component.push_back(std::move(piece));
  }
  return std::nullopt;
}

Result<NameTemplate> NameTemplate::parse(std::string_view path) {
  std::string fixed(path);
  // The sink's name is no value of a document; it stands for itself where it is not known yet.
  for (std::size_t at = fixed.find("{sink}"); at != fixed.npos; at = fixed.find("{sink}", at)) {
    fixed.replace(at, 6, "sink");
  }
  const std::size_t first = fixed.find('{');
  if (first == fixed.npos) {
    return config_error(
        "must have a placeholder that tells documents apart, such as {key} or "
        "{sequence}-{index}, got " +
        quote(path));
  }
  NameTemplate parsed;
  std::size_t begin = fixed.find_last_of('/', first) + 1;  // npos + 1 is 0
  parsed.folder_ = fixed.substr(0, begin > 1 ? begin - 1 : begin);
  while (begin <= fixed.size()) {
    const std::size_t end = std::min(fixed.find('/', begin), fixed.size());
    Component component;
    const auto text = std::string_view(fixed).substr(begin, end - begin);
    if (auto problem = read_component(text, component)) return config_error(std::move(*problem));
    parsed.components_.push_back(std::move(component));
    begin = end + 1;
  }
  if (parsed.components_.size() > kDeepest) {
    return config_error(
        fmt::format("must have at most {} names behind its first placeholder, got {}", kDeepest,
                    parsed.components_.size()));
  }
  return parsed;
}

void NameTemplate::write_component(const Component& component, const DocumentId& id,
                                   const DocumentView& document, std::string& out) {
  const std::size_t begin = out.size();
  for (const Piece& piece : component) {
    out += piece.text;
    if (!piece.value.empty()) append_value(value_of(piece.value, id, document), begin, out);
  }
  if (out.size() - begin <= kLongestName) return;
  const std::string whole = out.substr(begin);
  const Piece& last = component.back();
  out.resize(begin);
  out += fmt::format("{}~{:016x}{}", kept_of(whole), hash64(whole),
                     extension_of(whole, last.value.empty() ? last.text : ""));
}

void NameTemplate::write(const DocumentId& id, const DocumentView& document,
                         DocumentNames& names) const {
  names.name.clear();
  for (const Component& component : components_) {
    if (!names.name.empty()) names.name += '/';
    write_component(component, id, document, names.name);
  }
  const std::size_t leaf = names.name.find_last_of('/') + 1;
  const std::string_view name = std::string_view(names.name).substr(leaf);
  const Piece& last = components_.back().back();
  const std::string_view extension = extension_of(name, last.value.empty() ? last.text : "");
  std::string_view stem = name.substr(0, name.size() - extension.size());
  const std::string identity =
      fmt::format("~{}-{:016x}-{}-{}-{}", id.producer, id.epoch, id.sequence, id.index, id.part);
  if (stem.size() + identity.size() + extension.size() > kLongestName) stem = kept_of(stem);
  names.other = fmt::format("{}{}{}{}", std::string_view(names.name).substr(0, leaf), stem,
                            identity, extension);
}

std::string name_pattern(const std::string& path) {
  std::string pattern;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t open = std::min(path.find('{', at), path.size());
    pattern += path.substr(at, open - at);
    if (open == path.size()) break;
    const std::size_t close = path.find('}', open);
    const std::string value = path.substr(open + 1, close - open - 1);
    if (value == "sink") {
      pattern += "{sink}";
    } else {
      const bool is_number =
          value == "sequence" || value == "index" || value == "part" || value == "record";
      pattern += is_number ? kDigits : kAnyName;
    }
    at = close + 1;
  }
  return pattern;
}

std::optional<std::string> name_template_problem(const std::string& path) {
  // A line end or a tab would break the lists of names.
  if (const auto plain = ScalarType<std::filesystem::path>::parse(path); !plain) {
    return plain.error().text;
  }
  const auto parsed = NameTemplate::parse(path);
  return parsed ? std::nullopt : std::optional<std::string>(parsed.error().text);
}

}  // namespace docmill
