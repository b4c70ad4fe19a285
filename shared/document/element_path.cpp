#include "shared/document/element_path.h"

#include <fmt/format.h>

#include "shared/document/xml_text.h"

namespace docmill {

Result<ElementPath> ElementPath::parse(std::string_view text) {
  constexpr std::size_t kSteps = 62;  // one bit of the state for each, and one for the beginning
  ElementPath path;
  path.text_ = text;
  const auto wrong = [text](std::string_view why) {
    return config_error(
        fmt::format("expected a path like /catalog/book, found '{}': {}", text, why));
  };
  std::string_view rest = text;
  if (!rest.starts_with('/')) return wrong("it has to begin with '/'");
  while (!rest.empty()) {
    Step step;
    step.deep = rest.starts_with("//");
    rest.remove_prefix(step.deep ? 2 : 1);
    step.name = rest.substr(0, rest.find('/'));
    rest.remove_prefix(step.name.size());
    if (step.name != "*" && !is_qname(step.name)) {
      return wrong(fmt::format("'{}' is neither the name of an element nor '*'", step.name));
    }
    path.steps_.push_back(std::move(step));
    if (path.steps_.size() > kSteps) return wrong(fmt::format("more than {} steps", kSteps));
  }
  return path;
}

ElementPath::State ElementPath::step(State state, std::string_view name) const {
  State next = 0;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (((state >> i) & 1) == 0) continue;
    const State here = State{1} << i;
    if (steps_[i].deep) next |= here;
    if (steps_[i].name == "*" || steps_[i].name == name) next |= here << 1;
  }
  return next;
}

bool ElementPath::matches(std::span<const std::string_view> names) const {
  State state = start();
  for (const std::string_view name : names) state = step(state, name);
  return wanted(state);
}

}  // namespace docmill
