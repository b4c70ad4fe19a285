#include "cli/address_moves.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "shared/config/address.h"
#include "shared/runtime/links.h"
#include "shared/transport/pull_socket.h"

namespace docmill {
namespace {

// Empty for a daemon that has none in the file.
std::string next_address(const PipelineConfig& config, const RunningDaemon& daemon) {
  const auto& peers = daemon.role == "sink" ? config.network.sinks : config.network.producers;
  const auto peer = peers.find(daemon.name);
  return daemon.role == "transformer" || peer == peers.end() ? "" : peer->second.address;
}

// Why it cannot be bound now. The context ends here, and its end waits until the port is free.
std::string bind_problem(const std::string& address) {
  const auto context = Context::open();
  if (!context) return context.error().text;
  const auto bound = PullSocket::bind(*context, address, control_link());
  return bound ? std::string() : bound.error().text;
}

class Moves {
 public:
  explicit Moves(const std::vector<RunningDaemon>& daemons) {
    for (const RunningDaemon& daemon : daemons) {
      const auto address = parse_address(daemon.newest.address);
      if (address) held_.emplace(daemon.name, *address);
    }
  }

  std::string problem(const RunningDaemon& daemon, const std::string& text) {
    const auto next = parse_address(text);
    const auto own = held_.find(daemon.name);
    if (!next || next->scheme != Address::Scheme::kTcp || own == held_.end()) return {};
    if (own->second == *next) return {};
    for (const auto& [name, address] : held_) {
      if (name == daemon.name || !address.overlaps(*next)) continue;
      return fmt::format(
          "cannot move: {}: expected a free address, got that of {}; stop both, then start them "
          "with this file",
          text, name);
    }
    const bool freed = own->second.overlaps(*next) ||
                       std::any_of(freed_.begin(), freed_.end(),
                                   [&](const Address& address) { return address.overlaps(*next); });
    if (!freed && daemon.process && daemon.process->shares_network()) {
      if (const std::string problem = bind_problem(text); !problem.empty()) {
        return fmt::format("cannot move: {}", problem);
      }
    }
    freed_.push_back(own->second);
    own->second = *next;
    return {};
  }

 private:
  std::map<std::string, Address> held_;  // by daemon
  std::vector<Address> freed_;           // by daemons that have moved before
};

}  // namespace

const RunningDaemon* check_address_moves(const PipelineConfig& config,
                                         std::vector<RunningDaemon>& daemons) {
  Moves moves(daemons);
  const RunningDaemon* unable = nullptr;
  for (RunningDaemon& daemon : daemons) {
    if (!daemon.outcome.empty()) continue;
    daemon.outcome = moves.problem(daemon, next_address(config, daemon));
    if (unable == nullptr && !daemon.outcome.empty()) unable = &daemon;
  }
  return unable;
}

}  // namespace docmill
