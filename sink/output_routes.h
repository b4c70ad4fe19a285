// OutputRoutes: which outputs take a document. An output with `route` takes those whose note
// `route` is one of its own; an output without takes every document.
//
// One thread. Without a `route` anywhere no note is looked for.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "shared/config/component.h"
#include "shared/runtime/component.h"

namespace docmill {

class OutputRoutes {
 public:
  // chosen: what the outputs, in the same order, were opened for. The outputs must outlive this.
  OutputRoutes(const std::vector<std::unique_ptr<Output>>& outputs,
               const std::vector<Component>& chosen);

  // In the order of the pipeline file; empty when no output takes it.
  const std::vector<Output*>& takers(const DocumentView& document) const {
    return by_route_.empty() ? of_all_ : routed(document);
  }
  // Every list that takers() may give.
  std::vector<const std::vector<Output*>*> all() const;
  // Why no output takes it: the reason of its dead letter.
  std::string refusal(const DocumentView& document) const;

 private:
  const std::vector<Output*>& routed(const DocumentView& document) const;

  std::vector<Output*> of_all_;  // those that take every document
  std::map<std::string, std::vector<Output*>, std::less<>> by_route_;
};

}  // namespace docmill
