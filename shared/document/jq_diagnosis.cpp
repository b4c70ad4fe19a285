#include "shared/document/jq_diagnosis.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace docmill {
namespace {

// Builtins that read files, other documents, the clock or the host's settings, or print, or end
// the process; as they are defined.
constexpr std::string_view kRefused[] = {
    "input",           "inputs", "input_filename", "input_line_number", "debug",
    "stderr",          "halt",   "halt_error",     "halt_error(x)",     "modulemeta",
    "get_search_list", "now",    "localtime",      "strflocaltime(x)"};

// A definition that nobody calls is dropped before its own calls are looked up: one that calls
// what is not defined is an error exactly where it is called.
constexpr std::string_view kMarker = "docmill_refuses_";

// On one line, so that the lines of the program stay what they are. `$ENV` and `env` are empty.
const std::string& guard() {
  static const std::string kGuard = [] {
    std::string text = "def env: {}; ";
    for (const std::string_view builtin : kRefused) {
      const std::string_view name = builtin.substr(0, builtin.find('('));
      text += fmt::format("def {}: {}{}; ", builtin, kMarker, name);
    }
    return text + "{} as $ENV | ";
  }();
  return kGuard;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string_view line_at(std::string_view text, std::size_t number) {
  for (std::size_t i = 1; i < number; ++i) {
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  }
  return text.substr(0, text.find('\n'));
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::string guarded_jq(std::string_view program) { return guard() + std::string(program); }

// "jq: error: WHAT at <top-level>, line 2:\n" and that line, with as many spaces behind it as there
// are bytes before the place.
std::string jq_diagnosis(std::string_view message, std::string_view guarded) {
  constexpr std::string_view kPlace = " at <top-level>, line ";
  take_prefix(message, "jq: error: ");
  const std::size_t place = message.find(kPlace);
  std::string_view what = message.substr(0, place);
  if (what.starts_with(kMarker)) {
    what.remove_prefix(kMarker.size());
    return fmt::format("'{}' cannot be used: a program sees its document and nothing else",
                       what.substr(0, what.find('/')));
  }
  if (what.find("unexpected import") != what.npos || what.find("unexpected include") != what.npos) {
    return "'import' and 'include' cannot be used: a program is one text";
  }
  std::string text(what);
  if (const std::size_t hint = text.find(" (Unix shell quoting issues?)"); hint != text.npos) {
    text.erase(hint, std::string_view(" (Unix shell quoting issues?)").size());
  }
  if (place == message.npos) return text;
  std::string_view rest = message.substr(place + kPlace.size());
  std::size_t number = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), number);
  rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
  const std::string_view line = line_at(guarded, number);
  const std::size_t offset = rest.size() - std::min(rest.size(), line.size());
  std::string_view before = line.substr(0, offset);
  if (number == 1) before.remove_prefix(std::min(before.size(), guard().size()));
  return fmt::format("line {}, column {}: {}", number, count_characters(before) + 1, text);
}

}  // namespace docmill
