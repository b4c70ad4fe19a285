#include "shared/config/reference.h"

#include <fmt/format.h>

#include "shared/base/text.h"

namespace docmill {
namespace {

// A cell of a Markdown table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string code(std::string_view text) { return text.empty() ? "" : fmt::format("`{}`", text); }

std::string type_of(const Field& field) {
  std::string single = field.type;
  if (field.section) single = "section";
  if (field.components != nullptr) {
    single = fmt::format("{} ({})", field.components->what(), either(field.components->keys()));
  } else if (single.empty() && !field.section) {
    single = "component";
  }
  if (field.form == Field::Form::kList) return "list of " + single;
  if (field.form == Field::Form::kMap) return "mapping of name to " + single;
  return single;
}

// A section's fields follow it under dotted names.
void add_rows(const Section& section, const std::string& path, std::string& table) {
  for (const Field& field : section.fields) {
    const std::string name = path + field.name;
    table += fmt::format("| `{}` | {} | {} | {} | {} |\n", name, cell(type_of(field)),
                         field.required ? "required" : cell(code(field.standard)),
                         cell(field.limits), cell(field.meaning));
    if (!field.section) continue;
    constexpr std::string_view kBetween[] = {".", "[].", ".NAME."};
    add_rows(*field.section, name + std::string(kBetween[static_cast<int>(field.form)]), table);
  }
}

std::string heading(int level, std::string_view text) {
  return fmt::format("{} {}\n\n", std::string(static_cast<std::size_t>(level), '#'), text);
}

}  // namespace

std::string field_table(const Section& section) {
  if (section.fields.empty()) return "It has no settings.\n";
  std::string table =
      "| Field | Type | Default | Limits | Meaning |\n"
      "|---|---|---|---|---|\n";
  add_rows(section, "", table);
  return table;
}

std::string reference(const Section& component, int level) {
  return heading(level, code(component.key)) + component.summary + "\n\n" + field_table(component) +
         "\n```yaml\n" + sample(component) + "```\n";
}

std::string reference(const ComponentSet& set, int level) {
  std::string title = set.what() + "s";
  title[0] = static_cast<char>(title[0] - 32);
  std::string text = heading(level, title);
  for (std::size_t i = 0; i < set.schemas().size(); ++i) {
    text += (i > 0 ? "\n" : "") + reference(set.schemas()[i].section(), level + 1);
  }
  return text;
}

}  // namespace docmill
