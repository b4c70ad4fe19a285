#include "shared/document/json_schema.h"

#include <fmt/format.h>

#define VALIJSON_USE_EXCEPTIONS 1  // otherwise it aborts
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "shared/document/json_pointer.h"
#include "shared/document/json_scanner.h"
#include "shared/document/linear_regex.h"
#include "shared/document/xml_text.h"

namespace docmill {
namespace {

using Adapter = valijson::adapters::NlohmannJsonAdapter;

// The JSON Pointer of what valijson writes as "<root>", "[name]", "[0]".
std::string pointer_of(const std::vector<std::string>& context) {
  std::string pointer;
  for (const std::string& step : context) {
    if (!step.starts_with('[') || !step.ends_with(']')) continue;
    pointer += '/';
    for (const char c : std::string_view(step).substr(1, step.size() - 2)) {
      if (c == '~' || c == '/') {
        pointer += c == '~' ? "~0" : "~1";
      } else {
        pointer += c;
      }
    }
  }
  return pointer;
}

std::string describe(const JsonTape& tape, const valijson::ValidationResults::Error& error) {
  const std::string path = pointer_of(error.context);
  std::size_t start = tape.nodes[0].start;
  if (const auto pointer = JsonPointer::parse(path)) {
    if (const auto place = pointer->find(tape)) start = tape.nodes[place->value].start;
  }
  std::string_view text = error.description;
  if (text.ends_with('.')) text.remove_suffix(1);
  return fmt::format("line {}, {}: {}", locate(tape.source, start).line,
                     path.empty() ? "the document" : path, text);
}

// Compiles each `pattern` and each name of `patternProperties`. What `enum` and the like hold is
// data, not rules.
Result<void> compile_patterns(const nlohmann::json& json, std::vector<LinearRegex>& patterns) {
  const auto compile = [&patterns](const std::string& pattern) {
    auto made = LinearRegex::make(pattern);
    if (made) patterns.push_back(std::move(*made));
    return made ? Result<void>() : made.error();
  };
  if (!json.is_structured()) return {};
  for (const auto& [name, value] : json.items()) {
    if (json.is_object()) {
      const bool is_data =
          name == "enum" || name == "const" || name == "default" || name == "examples";
      // In `properties` these are names, and what they have is rules.
      if (is_data && !value.is_object()) continue;
      if (name == "pattern" && value.is_string()) {
        if (auto done = compile(value.get<std::string>()); !done) return done;
      }
      if (name == "patternProperties" && value.is_object()) {
        for (const auto& [pattern, rules] : value.items()) {
          if (auto done = compile(pattern); !done) return done;
        }
      }
    }
    if (auto done = compile_patterns(value, patterns); !done) return done;
  }
  return {};
}

}  // namespace

struct JsonSchema::Schema {
  std::vector<LinearRegex> patterns;  // compiled, for as long as this lives
  valijson::Schema rules;
};

JsonSchema::JsonSchema(std::unique_ptr<Schema> schema) : schema_(std::move(schema)) {}
JsonSchema::~JsonSchema() = default;
JsonSchema::JsonSchema(JsonSchema&&) noexcept = default;
JsonSchema& JsonSchema::operator=(JsonSchema&&) noexcept = default;

Result<JsonSchema> JsonSchema::parse(std::string_view text) {
  JsonScanner scanner;
  JsonTape tape;
  if (auto scanned = scanner.scan(text, tape); !scanned) return config_error(scanned.error().text);
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    const std::string draft =
        json.is_object() && json.contains("$schema") && json["$schema"].is_string()
            ? json["$schema"].get<std::string>()
            : "draft-07";
    const bool fourth = draft.find("draft-04") != std::string::npos;
    if (!fourth && draft.find("draft-07") == std::string::npos) {
      return config_error(
          fmt::format("expected JSON Schema of draft 4 or 7, found '$schema' {}", draft));
    }
    auto schema = std::make_unique<Schema>();
    if (auto done = compile_patterns(json, schema->patterns); !done) return done.error();
    valijson::SchemaParser parser(fourth ? valijson::SchemaParser::kDraft4
                                         : valijson::SchemaParser::kDraft7);
    parser.populateSchema(Adapter(json), schema->rules);
    return JsonSchema(std::move(schema));
  } catch (const std::exception& wrong) {
    return config_error(fmt::format("expected JSON Schema: {}", wrong.what()));
  }
}

Result<void> JsonSchema::validate(const JsonTape& tape) const {
  try {
    const nlohmann::json json = nlohmann::json::parse(tape.source);
    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(schema_->rules, Adapter(json), &results)) return {};
    // valijson reports what is innermost first.
    return malformed(describe(tape, *results.begin()));
  } catch (const nlohmann::json::out_of_range&) {
    return malformed("a number that no double holds, with which JSON Schema is checked");
  } catch (const std::exception& wrong) {
    return malformed(wrong.what());
  }
}

}  // namespace docmill
