// HostNames: the addresses of hosts that are known by name, for all sockets of a process.
//
// libzmq looks names up in the thread that moves the messages of all sockets: one name server that
// does not answer stops every link. Here each name has a HostWatch, and libzmq gets addresses only.
// Any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "shared/transport/host_watch.h"

namespace docmill {

class HostName {
 public:
  explicit HostName(const std::string& host);

  // Where to connect: `current` while it is one of the host's addresses, another one after the host
  // has moved; "" until the first lookup has found one. Never waits. A lookup that fails changes
  // nothing.
  std::string address(const std::string& current);

 private:
  std::mutex mutex_;
  HostWatch watch_;                 // by mutex_
  HostWatch::Addresses addresses_;  // by mutex_
};

class HostNames {
 public:
  // The same one for each caller; it is looked up as long as somebody has it.
  std::shared_ptr<HostName> find(const std::string& host);

 private:
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<HostName>> names_;  // by mutex_
};

}  // namespace docmill
