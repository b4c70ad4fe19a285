// Context: libzmq's threads and memory; one in a process. Every socket of the process is made with
// it.
//
// Any thread may make sockets with it. It may go before its sockets: the last of them ends it, and
// waits until every socket that was closed with a linger has sent what it had or ran out of time.
#pragma once

#include <memory>
#include <utility>

#include "shared/base/result.h"
#include "shared/transport/host_names.h"

namespace docmill {

class Context {
 public:
  // One thread moves about a gigabyte a second. Unavailable when the process has too few files left
  // to open.
  static Result<Context> open(int io_threads = 1);

  // Of the hosts that its sockets connect to.
  HostNames& names() const { return *names_; }

 private:
  friend class Doorman;
  friend class Socket;
  explicit Context(std::shared_ptr<void> handle) : handle_(std::move(handle)) {}

  std::shared_ptr<void> handle_;
  std::shared_ptr<HostNames> names_ = std::make_shared<HostNames>();
};

}  // namespace docmill
