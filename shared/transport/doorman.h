// Doorman: the thread that is asked about each connection to a CURVE server of this process, before
// a single message passes (ZAP, https://rfc.zeromq.org/spec/27).
//
// One in a context, and up before the first such socket is bound: where nobody answers, nobody is
// let in. Who is refused may knock again after the time of a handshake (3 s). A resource; it ends
// after the sockets that it watches.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "shared/base/result.h"
#include "shared/transport/context.h"
#include "shared/transport/wakeup.h"

namespace docmill {

// Somebody who has proved that the secret key to this public one is his.
struct Visitor {
  std::string door;
  std::string address;  // 10.0.0.7, or localhost:UID:GID:PID where it came through a file
  std::string key;
};

// What a doorman asks. Its thread calls, and nobody else.
class Admission {
 public:
  // A peer that could not even be asked who it is.
  enum class Fault {
    kNoKey,     // it speaks in the clear, or hung up before it said how it speaks
    kOtherKey,  // it takes us for somebody with another key
  };

  virtual ~Admission() = default;
  // The name that comes with all of the visitor's messages (Frame::sender()); empty: not let in.
  virtual std::string admit(const Visitor& visitor) = 0;
  virtual void failed(Fault fault) = 0;
};

class Doorman {
 public:
  // Unavailable when the process has too few files left to open. The admission must outlive it.
  static Result<std::unique_ptr<Doorman>> open(const Context& context, Admission& admission);
  ~Doorman();
  Doorman(const Doorman&) = delete;
  Doorman& operator=(const Doorman&) = delete;

 private:
  friend class Socket;
  struct Closed {
    void operator()(void* socket) const;
  };
  using Handle = std::unique_ptr<void, Closed>;

  Doorman(std::shared_ptr<void> context, Handle questions, Wakeup wakeup, Admission& admission);
  // Before the socket is bound; the thread that opened it.
  void watch(void* socket);
  void run();
  bool answer();
  bool look(void* monitor);

  std::shared_ptr<void> context_;
  Handle questions_;
  Wakeup wakeup_;
  Admission& admission_;
  std::mutex mutex_;
  bool stopping_ = false;         // by mutex_
  std::vector<Handle> monitors_;  // by mutex_, until the thread has taken them over
  std::thread thread_;
};

}  // namespace docmill
