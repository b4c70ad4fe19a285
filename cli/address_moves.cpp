#include "cli/address_moves.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "shared/config/address.h"
#include "shared/runtime/links.h"
#include "shared/transport/host_watch.h"
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

// An address as a daemon binds it: a name is all the addresses that it has now.
struct Place {
  Address address;
  std::vector<Address> parts;

  explicit Place(const Address& whole) : address(whole) {
    const bool named = whole.scheme == Address::Scheme::kTcp && HostWatch::is_name(whole.host);
    const auto found = named ? HostWatch::look_up(whole.host) : HostWatch::Addresses{whole.host};
    if (!found) {
      parts.push_back(whole);
      return;
    }
    for (const std::string& host : *found) {
      parts.push_back(whole);
      parts.back().host = host;
    }
  }

  bool covers(const Address& part) const {
    return address.overlaps(part) ||
           std::any_of(parts.begin(), parts.end(),
                       [&](const Address& own) { return own.overlaps(part); });
  }
  bool overlaps(const Place& other) const {
    return std::any_of(other.parts.begin(), other.parts.end(),
                       [this](const Address& part) { return covers(part); });
  }
};

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
    if (own->second.address == *next) return {};
    const Place place(*next);
    for (const auto& [name, held] : held_) {
      if (name == daemon.name || !held.overlaps(place)) continue;
      return fmt::format(
          "cannot move: {}: expected a free address, got that of {}; stop both, then start them "
          "with this file",
          text, name);
    }
    freed_.push_back(own->second);  // the daemon leaves it before it binds the next one
    if (daemon.process && daemon.process->shares_network()) {
      if (std::string problem = place_problem(place); !problem.empty()) return problem;
    }
    own->second = place;
    return {};
  }

 private:
  // Only the parts that no daemon of this pipeline has now.
  std::string place_problem(const Place& place) const {
    for (const Address& part : place.parts) {
      const bool freed = std::any_of(freed_.begin(), freed_.end(),
                                     [&](const Place& former) { return former.covers(part); });
      const std::string problem =
          freed ? "" : bind_problem(fmt::format("tcp://{}:{}", part.host, part.port));
      if (!problem.empty()) return fmt::format("cannot move: {}", problem);
    }
    return {};
  }

  std::map<std::string, Place> held_;  // by daemon
  std::vector<Place> freed_;           // by daemons that have moved before, and the one that moves
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
