#include "sink/database/column_values.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "shared/base/text.h"
#include "shared/document/json_writer.h"
#include "shared/document/notes.h"
#include "shared/document/utf8.h"

namespace docmill {
namespace {

constexpr std::string_view kNote = "$note.";
// A pipeline's own limits were enforced where its documents were made.
constexpr Bytes kNoLimit{(1ULL << 32) - 1};
constexpr std::uint32_t kDepth = 10'000;

ColumnValue whole(std::uint64_t number) { return static_cast<std::int64_t>(number); }

ColumnValue bytes_of(const DocumentId&, const DocumentView& document) {
  if (is_utf8(document.bytes)) return std::string(document.bytes);
  return ColumnBytes{std::string(document.bytes)};
}

struct Name {
  std::string_view name;
  ColumnValue (*value)(const DocumentId&, const DocumentView&);
};
constexpr std::array<Name, 10> kNames = {{
    {"$document", bytes_of},
    {"$source",
     [](const DocumentId&, const DocumentView& document) -> ColumnValue {
       return std::string(document.origin.source);
     }},
    {"$record",
     [](const DocumentId&, const DocumentView& document) { return whole(document.origin.record); }},
    {"$offset",
     [](const DocumentId&, const DocumentView& document) { return whole(document.origin.offset); }},
    {"$line",
     [](const DocumentId&, const DocumentView& document) { return whole(document.origin.line); }},
    {"$producer",
     [](const DocumentId& id, const DocumentView&) -> ColumnValue {
       return std::string(id.producer);
     }},
    {"$epoch", [](const DocumentId& id, const DocumentView&) { return whole(id.epoch); }},
    {"$sequence", [](const DocumentId& id, const DocumentView&) { return whole(id.sequence); }},
    {"$index", [](const DocumentId& id, const DocumentView&) { return whole(id.index); }},
    {"$part", [](const DocumentId& id, const DocumentView&) { return whole(id.part); }},
}};

XmlReadOptions any_xml() {
  XmlReadOptions options;
  options.limits.document = options.limits.token = kNoLimit;
  options.limits.depth = kDepth;
  return options;
}

// XPath has no number above this that stands for one whole number only.
constexpr double kLargestExact = 9007199254740992.0;

// Whole numbers as such, so that they compare like those of JSON.
Result<ColumnValue> number_value(double number, bool key, const std::string& path) {
  if (std::isnan(number)) {
    if (!key) return ColumnValue();
    return malformed(fmt::format("expected a key, found that {} is not a number (NaN)", path));
  }
  if (!std::isfinite(number)) {
    return malformed(fmt::format("expected a number that 64 bits can hold, found that {} is {}",
                                 path, number > 0 ? "Infinity" : "-Infinity"));
  }
  const bool whole = std::trunc(number) == number;
  if (whole && std::abs(number) < kLargestExact) {
    return ColumnValue(static_cast<std::int64_t>(number));
  }
  if (key && whole) {
    return malformed(
        fmt::format("expected a key below 2^53, as numbers of XPath are exact up to there, found "
                    "that {} is {}; take the text instead, without number()",
                    path, number));
  }
  return ColumnValue(number);
}

struct XPathColumn {
  bool key;
  const std::string& path;

  Result<ColumnValue> operator()(std::monostate) const { return ColumnValue(); }
  Result<ColumnValue> operator()(bool value) const { return ColumnValue(std::int64_t{value}); }
  Result<ColumnValue> operator()(double value) const { return number_value(value, key, path); }
  Result<ColumnValue> operator()(std::string& text) const { return ColumnValue(std::move(text)); }
};

struct AsSql {
  SqlValue operator()(std::monostate) const { return SqlNull{}; }
  SqlValue operator()(std::int64_t number) const { return static_cast<std::uint64_t>(number); }
  SqlValue operator()(double number) const { return number; }
  SqlValue operator()(const std::string& text) const { return std::string_view(text); }
  SqlValue operator()(const ColumnBytes& bytes) const { return Blob{bytes.bytes}; }
};

}  // namespace

SqlValue as_sql(const ColumnValue& value) { return std::visit(AsSql{}, value); }

ColumnValues::ColumnValues()
    : tree_(any_xml()),
      scanner_({.limits = {.document = kNoLimit, .token = kNoLimit, .depth = kDepth}}) {}

ColumnValues::Known ColumnValues::find_known(std::string_view name) {
  for (const Name& known : kNames) {
    if (known.name == name) return known.value;
  }
  return nullptr;
}

Result<ColumnValues> ColumnValues::make(const std::vector<ColumnConfig>& columns,
                                        const PathNamespaces& namespaces) {
  ColumnValues values;
  for (const ColumnConfig& column : columns) {
    Column& made = values.columns_.emplace_back();
    made.name = column.name;
    made.key = column.key;
    if (!column.from.starts_with('$')) {
      auto path = DocumentPath<XmlPath>::compile(column.from, namespaces);
      if (!path) return config_error(fmt::format("{}: {}", column.name, path.error().text));
      made.path = std::move(*path);
      values.any_path_ = true;
      continue;
    }
    made.known = find_known(column.from);
    if (made.known != nullptr) continue;
    made.note = column.from.substr(std::min(column.from.size(), kNote.size()));
    if (!column.from.starts_with(kNote) || made.note.empty()) {
      std::vector<std::string_view> names;
      for (const Name& known : kNames) names.push_back(known.name);
      names.push_back("$note.NAME");
      return config_error(
          fmt::format("{}: expected {}, found '{}'", column.name, either(names), column.from));
    }
  }
  return values;
}

Result<void> ColumnValues::load(const DocumentView& document) {
  json_ = document.format == Format::kJson;
  if (json_) return scanner_.scan(document.bytes, tape_);
  if (document.format == Format::kXml) return tree_.load(document.bytes);
  return malformed("expected XML or JSON for the paths of the columns, found other bytes");
}

Result<std::vector<ColumnValue>> ColumnValues::read(const DocumentId& id,
                                                    const DocumentView& document) {
  if (any_path_) {
    if (auto loaded = load(document); !loaded) return loaded.error();
  }
  std::vector<ColumnValue> row;
  row.reserve(columns_.size());
  for (const Column& column : columns_) {
    if (column.path) {
      auto value = at(column);
      if (!value) return malformed(fmt::format("{}: {}", column.name, value.error().text));
      row.push_back(std::move(*value));
    } else if (column.known != nullptr) {
      row.push_back(column.known(id, document));
    } else {
      auto note = find_note(document.notes, column.note);
      row.push_back(note ? ColumnValue(std::move(*note)) : ColumnValue());
    }
    if (column.key && std::holds_alternative<std::monostate>(row.back())) {
      return malformed(fmt::format("{}: expected a key, found none in the document", column.name));
    }
  }
  return row;
}

Result<ColumnValue> ColumnValues::at(const Column& column) const {
  if (!json_) {
    auto xml = column.path->for_xml();
    if (!xml) return xml.error();
    auto value = tree_.value(**xml);
    return std::visit(XPathColumn{column.key, column.path->text()}, value);
  }
  auto json = column.path->for_json();
  if (!json) return json.error();
  const auto place = (*json)->find(tape_);
  if (!place) return ColumnValue();
  return json_value(place->value);
}

Result<ColumnValue> ColumnValues::json_value(std::uint32_t node) const {
  switch (tape_.nodes[node].kind) {
    case JsonNode::Kind::kNull:
      return ColumnValue();
    case JsonNode::Kind::kTrue:
      return ColumnValue(std::int64_t{1});
    case JsonNode::Kind::kFalse:
      return ColumnValue(std::int64_t{0});
    case JsonNode::Kind::kString:
      return ColumnValue(json_content(tape_, node));
    case JsonNode::Kind::kObject:
    case JsonNode::Kind::kArray: {
      std::string text;
      append_json(tape_, node, text);
      return ColumnValue(std::move(text));
    }
    case JsonNode::Kind::kNumber:
      break;
  }
  const std::string_view lexeme = tape_.text(tape_.nodes[node]);
  const char* const end = lexeme.data() + lexeme.size();
  if (lexeme.find_first_of(".eE") == std::string_view::npos) {
    std::int64_t number = 0;
    if (std::from_chars(lexeme.data(), end, number).ec == std::errc()) return ColumnValue(number);
    return malformed(fmt::format("expected a whole number of at most 64 bits, found {}",
                                 "'" + std::string(lexeme) + "'"));
  }
  double number = 0;
  if (std::from_chars(lexeme.data(), end, number).ec != std::errc() || !std::isfinite(number)) {
    return malformed(fmt::format("expected a number that 64 bits can hold, found {}",
                                 "'" + std::string(lexeme) + "'"));
  }
  return ColumnValue(number);
}

}  // namespace docmill
