// HostNames: the addresses of hosts that are known by name, for all sockets of a process.
//
// libzmq looks names up in the thread that moves the messages of all sockets: one name server that
// does not answer stops every link. Here each name has a HostWatch, and libzmq gets addresses only.
// Any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "shared/transport/endpoint.h"
#include "shared/transport/host_watch.h"

namespace docmill {

class HostName {
 public:
  HostName(const std::string& host, Duration every, HostWatch::Lookup lookup);

  // Where to connect: `current` while it is one of the host's addresses, another one after the host
  // has moved; "" until the first lookup has found one. Never waits. A lookup that fails changes
  // nothing.
  std::string address(const std::string& current);
  // The address to try after `current`; in turn, all of them.
  std::string after(const std::string& current);
  bool has_several();
  // The addresses that it has now; the error of the last lookup when there are none. Waits for the
  // first lookup, at most so long; nothing when it has not ended.
  std::optional<Result<HostWatch::Addresses>> addresses(Duration most);

 private:
  void update(Duration most);

  std::mutex mutex_;
  HostWatch watch_;                 // by mutex_
  HostWatch::Addresses addresses_;  // by mutex_
  std::optional<Error> error_;      // by mutex_; of the last lookup
};

// OwnHost: the addresses of this machine that the host of a bound endpoint stands for. They are
// those of the time when it was bound; problem() compares them with what others see.
class OwnHost {
 public:
  // name: null when the endpoint has an address; then that is the only one.
  OwnHost(Endpoint endpoint, HostWatch::Addresses addresses, std::shared_ptr<HostName> name)
      : endpoint_(std::move(endpoint)), addresses_(std::move(addresses)), name_(std::move(name)) {}

  const HostWatch::Addresses& addresses() const { return addresses_; }
  // At which port, of a range that was tried.
  void bound(const Endpoint& endpoint) { endpoint_ = endpoint; }
  // The endpoint, and behind a name its addresses: "tcp://web:5560 (10.0.0.7)".
  std::string text() const;
  // Why others may not reach it; once for each reason, otherwise empty. Never waits. One thread.
  std::string problem();

 private:
  std::string loopback_problem() const;

  Endpoint endpoint_;
  HostWatch::Addresses addresses_;
  std::shared_ptr<HostName> name_;
  bool judged_ = false;
  HostWatch::Addresses told_;  // what problem() has reported
};

class HostNames {
 public:
  // Asked several times a second while the first lookup of a name takes long. False: give up.
  using Patience = std::function<bool(const std::string& host, Duration waited)>;

  HostNames(Duration every, HostWatch::Lookup lookup) : every_(every), lookup_(std::move(lookup)) {}

  // Before sockets are bound. Without it, own() waits until the lookup ends.
  void set_patience(Patience patience) { patience_ = std::move(patience); }

  // The same one for each caller; it is looked up as long as somebody has it.
  std::shared_ptr<HostName> find(const std::string& host);
  // For an endpoint to bind. Unavailable: its name has no address, or the patience has ended.
  Result<std::shared_ptr<OwnHost>> own(const Endpoint& endpoint);
  // The new ones of all OwnHosts that are in use.
  std::vector<std::string> problems();

 private:
  const Duration every_;
  const HostWatch::Lookup lookup_;
  Patience patience_;
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<HostName>> names_;  // by mutex_
  std::vector<std::weak_ptr<OwnHost>> own_;               // by mutex_
};

}  // namespace docmill
