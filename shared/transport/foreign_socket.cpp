#include "shared/transport/foreign_socket.h"

#include <fmt/format.h>

#include "shared/transport/endpoint.h"

namespace docmill {

Result<ForeignSocket> ForeignSocket::open(const Context& context, const Settings& settings) {
  auto opened = Socket::open(context, settings.kind, settings.limits);
  if (!opened) return opened.error();
  ForeignSocket foreign(std::move(*opened), settings);
  Socket& socket = foreign.socket_;
  if (settings.curve) socket.protect(*settings.curve);
  if (settings.kind == Socket::Kind::kPush) socket.expect_peers();
  if (settings.kind == Socket::Kind::kSub) {
    if (settings.subscribe.empty()) socket.subscribe("");
    for (const std::string& prefix : settings.subscribe) socket.subscribe(prefix);
  }
  for (const std::string& address : settings.bind) {
    const auto where = parse_endpoint(address);
    if (!where) return where.error();
    auto host = context.names().own(*where);
    if (!host) return host.error();
    if (auto bound = socket.bind(*where, std::move(*host)); !bound) return bound.error();
  }
  if (auto connected = foreign.connect(settings.connect); !connected) return connected.error();
  if (!foreign.hosts_.empty()) {
    std::set<std::string> names;
    for (const auto& [name, host] : foreign.hosts_) names.insert(name);
    foreign.watch_.emplace(std::move(names), settings.resolve, settings.lookup);
  }
  return foreign;
}

Result<void> ForeignSocket::connect(const std::vector<std::string>& addresses) {
  for (const std::string& address : addresses) {
    const auto where = parse_endpoint(address);
    if (!where) return where.error();
    if (where->kind == Endpoint::Kind::kTcp && HostWatch::is_name(where->host)) {
      hosts_[where->host].ports.push_back(where->port);
    } else if (auto connected = socket_.connect(*where); !connected) {
      return connected;
    }
  }
  return {};
}

bool ForeignSocket::receive(std::vector<Frame>& message) {
  follow();
  return socket_.receive(message);
}

bool ForeignSocket::send(std::span<Frame> message) {
  follow();
  return socket_.send(message);
}

void ForeignSocket::follow() {
  if (!watch_) return;
  for (const auto& [name, found] : watch_->take()) {
    if (found) {
      move(name, hosts_.at(name), *found);
    } else if (log_ != nullptr) {
      // Who answers for names may be away; the peers need not be.
      log_->warn("{}: expected a name that has an address, found none: {}; it is looked up again",
                 name, found.error().text);
    }
  }
}

void ForeignSocket::move(const std::string& name, Host& host, const HostWatch::Addresses& now) {
  const auto endpoint = [](const std::string& address, std::uint16_t port) {
    return Endpoint{.kind = Endpoint::Kind::kTcp, .host = address, .port = port, .path = {}};
  };
  for (const std::uint16_t port : host.ports) {
    for (const std::string& address : now) {
      if (host.addresses.contains(address)) continue;
      auto connected = socket_.connect(endpoint(address, port));
      if (!connected && log_ != nullptr) log_->warn("{}: {}", name, connected.error().text);
    }
    for (const std::string& address : host.addresses) {
      if (!now.contains(address)) socket_.disconnect(endpoint(address, port));
    }
  }
  if (log_ != nullptr) log_->info("{} is {}", name, fmt::join(now, ", "));
  host.addresses = now;
}

}  // namespace docmill
