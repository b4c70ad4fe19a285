#include "sink/served_outputs.h"

#include <algorithm>

#include "sink/publishing.h"

namespace docmill {

Result<void> ServedOutputs::serve(Time now) {
  if (publisher_ != nullptr) publisher_->serve();
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const auto served = outputs_[i]->serve();
    if (served) continue;
    if (served.error().code != ErrorCode::kUnavailable) return served;
    if (const auto held_back = failures_.due(places_[i], now)) {
      log_.warn("{}: {}; it is tried again{}", places_[i], served.error().text,
                more_like_it(*held_back));
    }
  }
  return {};
}

bool ServedOutputs::sending() const {
  return (publisher_ != nullptr && publisher_->sending()) ||
         std::any_of(outputs_.begin(), outputs_.end(), [](const auto& output) {
           const Publishing* const publishes = publishing(output);
           return publishes != nullptr && publishes->sending();
         });
}

bool ServedOutputs::waits() const {
  return sending() || std::any_of(outputs_.begin(), outputs_.end(),
                                  [](const auto& output) { return output->waits(); });
}

}  // namespace docmill
