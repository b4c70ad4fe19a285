// Context: libzmq's threads and memory; one in a process. Every socket of the process is made with
// it.
//
// Any thread may make sockets with it. It may go before its sockets: the last of them ends it, and
// waits until every socket that was closed with a linger has sent what it had or ran out of time.
#pragma once

#include <chrono>
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
  // Names are looked up by `lookup`, each so often.
  static Result<Context> open(HostWatch::Lookup lookup, Duration every);
  // One more, whose sockets end with it. It has the names of this one.
  Result<Context> open_another() const;

  // Of the hosts that its sockets bind and connect to.
  HostNames& names() const { return *names_; }

 private:
  friend class Doorman;
  friend class Socket;
  // A daemon that moved to another host is found within this time.
  static constexpr Duration kLookUpEvery = std::chrono::seconds(5);

  static Result<Context> open(int io_threads, std::shared_ptr<HostNames> names);
  Context(std::shared_ptr<void> handle, std::shared_ptr<HostNames> names)
      : handle_(std::move(handle)), names_(std::move(names)) {}

  std::shared_ptr<void> handle_;
  std::shared_ptr<HostNames> names_;
};

}  // namespace docmill
