#include "shared/transport/host_names.h"

#include <chrono>
#include <utility>

namespace docmill {
namespace {

// A daemon that moved to another host is found within this time.
constexpr Duration kLookEvery = std::chrono::seconds(5);

}  // namespace

HostName::HostName(const std::string& host) : watch_({host}, kLookEvery, HostWatch::look_up) {}

std::string HostName::address(const std::string& current) {
  const std::lock_guard lock(mutex_);
  for (auto& [name, found] : watch_.take()) {
    if (found) addresses_ = std::move(*found);
  }
  if (addresses_.contains(current)) return current;
  return addresses_.empty() ? current : *addresses_.begin();
}

std::shared_ptr<HostName> HostNames::find(const std::string& host) {
  const std::lock_guard lock(mutex_);
  std::weak_ptr<HostName>& known = names_[host];
  auto name = known.lock();
  if (!name) known = name = std::make_shared<HostName>(host);
  return name;
}

}  // namespace docmill
