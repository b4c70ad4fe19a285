#include "shared/document/notes.h"

#include "shared/document/json_text.h"

namespace docmill {
namespace {

// A member with its bounds in the notes: from its comma, or the beginning, to before the next.
struct Member {
  std::size_t begin = std::string_view::npos;
  std::size_t value = 0;  // after the opening quote
  std::size_t end = 0;    // the closing quote
};

Member find_member(std::string_view notes, std::string_view name) {
  std::size_t at = 0;
  while (at < notes.size()) {
    Member member{at, 0, 0};
    if (notes[at] == ',') ++at;
    const std::size_t name_end = notes.find('"', at + 1);
    const std::string_view found = notes.substr(at + 1, name_end - at - 1);
    member.value = name_end + 3;  // "name":"value"
    member.end = member.value;
    while (member.end < notes.size() && notes[member.end] != '"') {
      member.end += notes[member.end] == '\\' ? 2 : 1;
    }
    if (found == name) return member;
    at = member.end + 1;
  }
  return {};
}

}  // namespace

void set_note(std::string& notes, std::string_view name, std::string_view value) {
  const Member old = find_member(notes, name);
  if (old.begin != std::string::npos) {
    notes.erase(old.begin, old.end + 1 - old.begin);
    if (notes.starts_with(',')) notes.erase(0, 1);
  }
  if (!notes.empty()) notes += ',';
  notes.append("\"").append(name).append("\":");
  append_json_string(notes, value);
}

std::optional<std::string> find_note(std::string_view notes, std::string_view name) {
  const Member member = find_member(notes, name);
  if (member.begin == std::string_view::npos) return std::nullopt;
  std::string value;
  append_json_decoded(value, notes.substr(member.value, member.end - member.value));
  return value;
}

}  // namespace docmill
