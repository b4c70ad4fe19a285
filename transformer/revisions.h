// Revisions: the processors that a transformer knows, by revision. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "shared/runtime/processor_definition.h"

namespace docmill {

class Revisions {
 public:
  void add(std::uint64_t revision, ProcessorDefinition definition) {
    const std::lock_guard lock(mutex_);
    known_.insert_or_assign(revision,
                            std::make_shared<const ProcessorDefinition>(std::move(definition)));
  }
  // Null when it is not known.
  std::shared_ptr<const ProcessorDefinition> find(std::uint64_t revision) const {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(revision);
    return found == known_.end() ? nullptr : found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::uint64_t, std::shared_ptr<const ProcessorDefinition>> known_;
};

}  // namespace docmill
