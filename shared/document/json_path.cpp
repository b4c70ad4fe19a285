#include "shared/document/json_path.h"

#include <fmt/format.h>

#include "shared/document/json_text.h"

namespace docmill {
namespace {

// False when a '~' is not followed by '0' or '1'.
bool unescape(std::string_view written, std::string& name) {
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i] != '~') {
      name += written[i];
      continue;
    }
    if (++i == written.size() || (written[i] != '0' && written[i] != '1')) return false;
    name += written[i] == '0' ? '~' : '/';
  }
  return true;
}

}  // namespace

Result<JsonPath> JsonPath::parse(std::string_view text) {
  constexpr std::size_t kSteps = 62;  // as many as a path of elements has
  JsonPath path;
  path.text_ = text;
  const auto wrong = [text](std::string_view why) {
    return config_error(
        fmt::format("expected a JSON Pointer like /pages/*/items, found '{}': {}", text, why));
  };
  std::string_view rest = text;
  if (!rest.empty() && !rest.starts_with('/')) return wrong("it has to begin with '/'");
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view written = rest.substr(0, rest.find('/'));
    rest.remove_prefix(written.size());
    Step step{.name = {}, .every = written == "*" || written == "-"};
    if (!unescape(written, step.name))
      return wrong("after '~' comes '0' (for '~') or '1' (for '/')");
    path.steps_.push_back(std::move(step));
    if (path.steps_.size() > kSteps) return wrong(fmt::format("more than {} steps", kSteps));
  }
  return path;
}

bool JsonPath::leads_to_key(std::size_t step, std::string_view written) const {
  const Step& wanted = steps_[step];
  if (wanted.every || written == wanted.name) return true;
  if (written.find('\\') == written.npos) return false;
  std::string key;
  append_json_decoded(key, written);
  return key == wanted.name;
}

bool JsonPath::leads_to_item(std::size_t step, std::uint64_t number) const {
  return steps_[step].every || steps_[step].name == std::to_string(number);
}

}  // namespace docmill
