#include "sink/output_routes.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/base/check.h"
#include "shared/base/text.h"
#include "shared/config/routed_output.h"
#include "shared/document/notes.h"

namespace docmill {

OutputRoutes::OutputRoutes(const std::vector<std::unique_ptr<Output>>& outputs,
                           const std::vector<Component>& chosen) {
  DOCMILL_CHECK(outputs.size() == chosen.size(), "{} outputs, {} chosen", outputs.size(),
                chosen.size());
  for (const Component& one : chosen) {
    for (const std::string& route : routes_of(one)) by_route_[route];
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::vector<std::string>& routes = routes_of(chosen[i]);
    if (routes.empty()) of_all_.push_back(outputs[i].get());
    for (auto& [route, takers] : by_route_) {
      if (routes.empty() || std::count(routes.begin(), routes.end(), route) > 0) {
        takers.push_back(outputs[i].get());
      }
    }
  }
}

const std::vector<Output*>& OutputRoutes::routed(const DocumentView& document) const {
  const auto route = find_note(document.notes, kRouteNote);
  const auto found = route ? by_route_.find(*route) : by_route_.end();
  return found == by_route_.end() ? of_all_ : found->second;
}

std::vector<const std::vector<Output*>*> OutputRoutes::all() const {
  std::vector<const std::vector<Output*>*> lists = {&of_all_};
  for (const auto& [route, takers] : by_route_) lists.push_back(&takers);
  return lists;
}

std::string OutputRoutes::refusal(const DocumentView& document) const {
  std::vector<std::string_view> known;
  for (const auto& [route, takers] : by_route_) known.push_back(route);
  const auto route = find_note(document.notes, kRouteNote);
  return fmt::format(
      "sink: expected the route {}, which outputs take, found {}; name it in the "
      "route of an output, or add an output without",
      either(known), route ? quote(*route) : "none");
}

}  // namespace docmill
