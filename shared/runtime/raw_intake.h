// RawIntake: documents from a raw link, one by one, with what was dropped and what was missed
// counted and now and then said.
//
// At most once: nobody is told that a message came. One thread at a time; the counters any thread.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/log.h"
#include "shared/base/throttle.h"
#include "shared/config/raw_link.h"
#include "shared/document/document.h"
#include "shared/runtime/raw_message.h"
#include "shared/runtime/sequence_watch.h"
#include "shared/transport/foreign_socket.h"

namespace docmill {

// What only the log would know otherwise.
struct RawCounters {
  std::atomic<std::uint64_t> received = 0;   // documents and dead letters
  std::atomic<std::uint64_t> malformed = 0;  // messages without a document in them: dropped
  std::atomic<std::uint64_t> missed = 0;     // by the senders' counting
};

class RawIntake {
 public:
  struct Context {
    const docmill::Context& sockets;
    const Clock& clock;
    Log& log;
    std::string place;  // in front of what is said: "producer.source.zmq"
    std::string name;   // of the daemon, for {producer} in addresses
    Bytes largest;      // document; what is larger is a dead letter, or costs the connection
  };
  // Errors as of ForeignSocket::open(), and of keys.
  static Result<RawIntake> open(const RawReceiveConfig& config, Context context,
                                RawCounters& counters);

  struct Received {
    DocumentView document;    // its notes are topic and sequence, its source the addresses
    std::string_view reason;  // why it is a dead letter; empty when it is none
  };
  enum class Step {
    kNone,      // no message is waiting
    kDropped,   // one message, or several with too many frames, had no document
    kDocument,  // `received` is valid until the next call
  };
  // Handles the next message. Never blocks. Callers limit the steps of a turn: a peer can send
  // messages without a document faster than they are dropped.
  Step receive(Received& received);
  // Drops what has not been received. receive() must not be called again.
  void close() { socket_.close(Duration::zero()); }
  const ForeignSocket& socket() const { return socket_; }

 private:
  RawIntake(const RawReceiveConfig& config, Context context, RawCounters& counters,
            ForeignSocket socket);
  void note(Received& received);
  void watch_sequence();
  void drop(std::uint64_t messages, const std::string& text);
  void say(const std::string& kind, const std::string& text);

  Context context_;
  RawCounters* counters_;
  ForeignSocket socket_;
  RawMessage message_;
  bool has_topics_;
  SequenceWatch sequences_;
  Throttle throttle_;
  std::string source_;
  std::vector<Frame> frames_;
  std::string notes_;
  std::uint64_t discarded_ = 0;
};

}  // namespace docmill
