#include "sink/served_outputs.h"

namespace docmill {

Result<void> ServedOutputs::serve(Time now) {
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

}  // namespace docmill
