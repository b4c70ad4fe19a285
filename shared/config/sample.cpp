#include <fmt/format.h>

#include "shared/base/check.h"
#include "shared/config/reference.h"

namespace docmill {
namespace {

using Lines = std::vector<std::string>;

Lines fields_of(const Section& section);

Lines indented(const Lines& lines, const std::string& indent) {
  Lines out;
  for (const std::string& line : lines) out.push_back(indent + line);
  return out;
}

void append(Lines& lines, Lines more) {
  for (std::string& line : more) lines.push_back(std::move(line));
}

std::string as_sentence(std::string limits) {
  if (limits[0] >= 'a' && limits[0] <= 'z') limits[0] = static_cast<char>(limits[0] - 32);
  return limits + ".";
}

bool has_required(const Section& section) {
  for (const Field& field : section.fields) {
    if (field.required) return true;
  }
  return false;
}

// False: the field stands in a comment, because the sample must load.
bool is_active(const Section& section, const Field& field) {
  if (field.required) return true;
  if (!section.exactly_one.empty() && section.exactly_one.front() == field.name) return true;
  if (field.section) return field.form == Field::Form::kOne && !has_required(*field.section);
  return !field.standard.empty();
}

// The first component of the set stands for all.
Lines component_of(const Field& field) {
  DOCMILL_CHECK(field.components != nullptr && !field.components->schemas().empty(),
                "a sample of '{}' needs components to choose from", field.name);
  const Section& chosen = field.components->schemas().front().section();
  Lines lines{"# " + chosen.summary};
  const std::string dash = field.form == Field::Form::kList ? "- " : "";
  lines.push_back(dash + chosen.key + ":");
  append(lines, indented(fields_of(chosen), std::string(dash.size() + 2, ' ')));
  return lines;
}

Lines value_of(const Section& section, const Field& field) {
  const std::string& value = field.standard.empty() ? field.example : field.standard;
  if (field.components != nullptr) {
    Lines lines{field.name + ":"};
    append(lines, indented(component_of(field), "  "));
    return lines;
  }
  if (field.section && field.form == Field::Form::kOne && field.example.empty()) {
    Lines lines{field.name + ":"};
    append(lines, indented(fields_of(*field.section), "  "));
    return lines;
  }
  DOCMILL_CHECK(!value.empty() || !is_active(section, field), "'{}.{}' needs an example",
                section.key, field.name);
  return {value.empty() ? field.name + ":" : fmt::format("{}: {}", field.name, value)};
}

Lines fields_of(const Section& section) {
  Lines lines;
  for (const Field& field : section.fields) {
    lines.push_back("# " + field.meaning);
    if (!field.limits.empty()) lines.back() += " " + as_sentence(field.limits);
    const Lines value = value_of(section, field);
    append(lines, is_active(section, field) ? value : indented(value, "# "));
  }
  return lines;
}

}  // namespace

std::string sample_fields(const Section& section) {
  return fmt::format("{}\n", fmt::join(fields_of(section), "\n"));
}

std::string sample(const Section& component) {
  Lines lines{"# " + component.summary, component.key + ":"};
  append(lines, indented(fields_of(component), "  "));
  return fmt::format("{}\n", fmt::join(lines, "\n"));
}

}  // namespace docmill
