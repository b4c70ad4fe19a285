#include "shared/transport/host_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace docmill {
namespace {

constexpr Duration kAskPatience = std::chrono::milliseconds(20);

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "[::1]";
}

}  // namespace

HostName::HostName(const std::string& host, Duration every, HostWatch::Lookup lookup)
    : watch_({host}, every, std::move(lookup)) {}

void HostName::update(Duration most) {
  for (auto& [name, found] : watch_.take(most)) {
    error_ = found ? std::nullopt : std::optional(found.error());
    if (found) addresses_ = std::move(*found);
  }
}

std::string HostName::address(const std::string& current) {
  const std::lock_guard lock(mutex_);
  update(Duration::zero());
  if (addresses_.contains(current)) return current;
  return addresses_.empty() ? current : *addresses_.begin();
}

std::string HostName::after(const std::string& current) {
  const std::lock_guard lock(mutex_);
  update(Duration::zero());
  if (addresses_.empty()) return current;
  const auto next = addresses_.upper_bound(current);
  return next == addresses_.end() ? *addresses_.begin() : *next;
}

bool HostName::has_several() {
  const std::lock_guard lock(mutex_);
  return addresses_.size() > 1;
}

std::optional<Result<HostWatch::Addresses>> HostName::addresses(Duration most) {
  const std::lock_guard lock(mutex_);
  update(addresses_.empty() && !error_ ? most : Duration::zero());
  if (!addresses_.empty()) return addresses_;
  if (error_) return *error_;
  return std::nullopt;
}

std::string OwnHost::text() const {
  const std::string endpoint = to_string(endpoint_);
  return name_ ? fmt::format("{} ({})", endpoint, fmt::join(addresses_, ", ")) : endpoint;
}

// A name such as localhost promises nothing else.
std::string OwnHost::loopback_problem() const {
  const bool is_local = endpoint_.host.find("localhost") != std::string::npos ||
                        endpoint_.host.find("loopback") != std::string::npos;
  if (is_local || !std::all_of(addresses_.begin(), addresses_.end(), is_loopback)) return {};
  return fmt::format(
      "{}: expected a name that other hosts can reach, got {}; only this host reaches that: "
      "correct '{}' in /etc/hosts, or give the address of this host",
      to_string(endpoint_), fmt::join(addresses_, ", "), endpoint_.host);
}

std::string OwnHost::problem() {
  if (!name_) return {};
  if (!std::exchange(judged_, true)) {
    if (std::string problem = loopback_problem(); !problem.empty()) return problem;
  }
  const auto now = name_->addresses(Duration::zero());
  if (!now || !*now) return {};
  const bool meets = std::any_of((*now)->begin(), (*now)->end(), [this](const auto& address) {
    return addresses_.contains(address);
  });
  if (meets) told_.clear();
  if (meets || told_ == **now) return {};
  told_ = **now;
  return fmt::format(
      "{}: expected '{}' to be {}, where this daemon listens, got {}; send SIGHUP or run 'docmill "
      "reload' to listen there",
      to_string(endpoint_), endpoint_.host, fmt::join(addresses_, ", "), fmt::join(told_, ", "));
}

std::shared_ptr<HostName> HostNames::find(const std::string& host) {
  const std::lock_guard lock(mutex_);
  std::weak_ptr<HostName>& known = names_[host];
  auto name = known.lock();
  if (!name) known = name = std::make_shared<HostName>(host, every_, lookup_);
  return name;
}

Result<std::shared_ptr<OwnHost>> HostNames::own(const Endpoint& endpoint) {
  if (endpoint.kind != Endpoint::Kind::kTcp || !HostWatch::is_name(endpoint.host)) {
    return std::make_shared<OwnHost>(endpoint, HostWatch::Addresses{endpoint.host}, nullptr);
  }
  const auto name = find(endpoint.host);
  const auto start = std::chrono::steady_clock::now();
  auto found = name->addresses(kAskPatience);
  while (!found &&
         (!patience_ || patience_(endpoint.host, std::chrono::steady_clock::now() - start))) {
    found = name->addresses(kAskPatience);
  }
  if (!found || !*found) {
    return unavailable(
        fmt::format("{}: expected a name that has an address, found none: {}", to_string(endpoint),
                    found ? found->error().text : "the name server has not answered yet"));
  }
  auto own = std::make_shared<OwnHost>(endpoint, std::move(**found), name);
  const std::lock_guard lock(mutex_);
  std::erase_if(own_, [](const auto& one) { return one.expired(); });
  own_.push_back(own);
  return own;
}

std::vector<std::string> HostNames::problems() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> problems;
  for (const auto& one : own_) {
    const auto own = one.lock();
    std::string problem = own ? own->problem() : std::string();
    if (!problem.empty()) problems.push_back(std::move(problem));
  }
  return problems;
}

}  // namespace docmill
