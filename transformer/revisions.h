// Revisions: the processors that a transformer knows, by revision. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "shared/config/component.h"

namespace docmill {

class Revisions {
 public:
  void add(std::uint64_t revision, std::vector<Component> components) {
    const std::lock_guard lock(mutex_);
    known_.insert_or_assign(revision, std::move(components));
  }
  std::optional<std::vector<Component>> find(std::uint64_t revision) const {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(revision);
    return found == known_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::uint64_t, std::vector<Component>> known_;
};

}  // namespace docmill
