#include "shared/document/json_pointer.h"

#include <fmt/format.h>

#include <charconv>

#include "shared/document/json_text.h"

namespace docmill {
namespace {

// The index that the step writes; nullopt when it is none.
std::optional<std::uint32_t> index_of(std::string_view step) {
  std::uint32_t index = 0;
  const auto [end, wrong] = std::from_chars(step.data(), step.data() + step.size(), index);
  const bool number = wrong == std::errc() && end == step.data() + step.size();
  const bool zeros = step.size() > 1 && step[0] == '0';
  return number && !zeros ? std::optional(index) : std::nullopt;
}

}  // namespace

Result<JsonPointer> JsonPointer::parse(std::string_view text) {
  if (!text.empty() && text[0] != '/') {
    return config_error(
        fmt::format("expected a JSON Pointer, found '{}': it is empty or begins with '/'", text));
  }
  JsonPointer pointer;
  pointer.text_ = text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '/') {
      pointer.steps_.emplace_back();
    } else if (text[i] != '~') {
      pointer.steps_.back() += text[i];
    } else if (i + 1 < text.size() && (text[i + 1] == '0' || text[i + 1] == '1')) {
      pointer.steps_.back() += text[++i] == '0' ? '~' : '/';
    } else {
      return config_error(fmt::format(
          "expected a JSON Pointer, found '{}': '~' at character {} is neither '~0' nor '~1'", text,
          i + 1));
    }
  }
  return pointer;
}

std::optional<JsonPlace> find_member(const JsonTape& tape, std::uint32_t object,
                                     std::string_view key) {
  std::string decoded;
  for (std::uint32_t i = object + 1; i < tape.nodes[object].end; i = tape.nodes[i + 1].end) {
    const JsonNode& node = tape.nodes[i];
    std::string_view content = tape.text(node);
    if (!node.exact) {
      decoded.clear();
      append_json_decoded(decoded, content);
      content = decoded;
    }
    if (content == key) return JsonPlace{object, i, i + 1};
  }
  return std::nullopt;
}

std::optional<JsonPlace> find_item(const JsonTape& tape, std::uint32_t array,
                                   std::string_view index) {
  auto left = index_of(index);
  if (!left) return std::nullopt;
  for (std::uint32_t i = array + 1; i < tape.nodes[array].end; i = tape.nodes[i].end) {
    if ((*left)-- == 0) return JsonPlace{array, JsonPlace::kNone, i};
  }
  return std::nullopt;
}

std::optional<JsonPlace> JsonPointer::walk(const JsonTape& tape, std::size_t count) const {
  std::optional<JsonPlace> place = JsonPlace{};
  for (std::size_t i = 0; i < count && place; ++i) {
    const JsonNode::Kind kind = tape.nodes[place->value].kind;
    if (kind == JsonNode::Kind::kObject) {
      place = find_member(tape, place->value, steps_[i]);
    } else if (kind == JsonNode::Kind::kArray) {
      place = find_item(tape, place->value, steps_[i]);
    } else {
      place = std::nullopt;
    }
  }
  return place;
}

std::optional<JsonPlace> JsonPointer::find(const JsonTape& tape) const {
  return walk(tape, steps_.size());
}

std::optional<JsonPlace> JsonPointer::find_parent(const JsonTape& tape) const {
  return steps_.empty() ? std::nullopt : walk(tape, steps_.size() - 1);
}

}  // namespace docmill
