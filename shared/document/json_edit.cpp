#include "shared/document/json_edit.h"

#include <fmt/format.h>

#include "shared/document/json_scanner.h"
#include "shared/document/json_text.h"
#include "shared/document/json_writer.h"

namespace docmill {
namespace {

struct Range {
  std::size_t begin;
  std::size_t end;
};

// The bytes of a value or key, quotes and brackets included.
Range range_of(const JsonTape& tape, std::uint32_t index) {
  const JsonNode& node = tape.nodes[index];
  const std::size_t quote = node.kind == JsonNode::Kind::kString ? 1 : 0;
  return {node.start - quote, node.start + node.length + quote};
}

void splice(const JsonTape& tape, Range range, std::string_view text, std::string& out) {
  out.append(tape.source.substr(0, range.begin)).append(text).append(tape.source.substr(range.end));
}

void insert(const JsonTape& tape, std::uint32_t container, JsonEnd end, std::string text,
            std::string& out) {
  const Range whole = range_of(tape, container);
  const bool empty = tape.nodes[container].end == container + 1;
  std::size_t at = whole.begin + 1;
  if (!empty && end == JsonEnd::kFirst) {
    text += ',';
  } else if (!empty) {
    std::uint32_t last = container + 1;
    for (std::uint32_t i = last; i < tape.nodes[container].end; i = tape.nodes[i].end) last = i;
    at = range_of(tape, last).end;
    text.insert(0, 1, ',');
  }
  splice(tape, {at, at}, text, out);
}

}  // namespace

void replace_value(const JsonTape& tape, std::uint32_t node, std::string_view value,
                   std::string& out) {
  splice(tape, range_of(tape, node), value, out);
}

void remove_value(const JsonTape& tape, const JsonPlace& place, std::string& out) {
  const std::uint32_t first = place.key == JsonPlace::kNone ? place.value : place.key;
  const std::uint32_t after = tape.nodes[place.value].end;
  Range gone{range_of(tape, first).begin, range_of(tape, place.value).end};
  if (after < tape.nodes[place.parent].end) {
    gone.end = range_of(tape, after).begin;
  } else if (first > place.parent + 1) {
    std::uint32_t before = place.parent + 1;
    for (std::uint32_t i = before; i < first; i = tape.nodes[i].end) before = i;
    gone.begin = range_of(tape, before).end;
  }
  splice(tape, gone, "", out);
}

void insert_member(const JsonTape& tape, std::uint32_t object, JsonEnd end, std::string_view key,
                   std::string_view value, std::string& out) {
  std::string text;
  append_json_string(text, key);
  text.append(":").append(value);
  insert(tape, object, end, std::move(text), out);
}

void insert_item(const JsonTape& tape, std::uint32_t array, JsonEnd end, std::string_view value,
                 std::string& out) {
  insert(tape, array, end, std::string(value), out);
}

void rename_member(const JsonTape& tape, const JsonPlace& place, std::string_view key,
                   std::string& out) {
  std::string text;
  append_json_string(text, key);
  splice(tape, range_of(tape, place.key), text, out);
}

Result<std::string> parse_json_value(std::string_view text) {
  JsonScanner scanner;
  JsonTape tape;
  if (auto scanned = scanner.scan(text, tape); !scanned) {
    return config_error(
        fmt::format("expected a JSON value, found '{}': {}", text, scanned.error().text));
  }
  std::string value;
  append_json(tape, 0, value);
  return value;
}

}  // namespace docmill
