// Recipient: takes only the messages that name this daemon and its pipeline.
//
// An address does not say who listens there. A port of transformer.ports goes to the next
// transformer that asks for one, also of another pipeline, and peers may have read different
// pipeline files. So each message names its pipeline and the daemon that it is for. A message that
// names another is to be dropped before it has any effect; it is counted, and the log has a line
// about it at most once a minute. One thread; the log outlives it.
#pragma once

#include <cstdint>
#include <string>

#include "shared/base/clock.h"
#include "shared/base/log.h"
#include "shared/base/throttle.h"
#include "shared/protocol/header.h"
#include "shared/protocol/records.h"

namespace docmill {

class Recipient {
 public:
  // incarnation: of a transformer, see Heartbeat.
  Recipient(std::string pipeline, std::string name, Log& log, std::uint64_t incarnation = 0);

  // At a transformer: a producer sent it to this start of it.
  bool takes_input(const BatchHeader& header, Time now);
  // At a sink: a transformer sent it to this sink.
  bool takes_output(const BatchHeader& header, Time now);
  // At a producer.
  bool takes(const ControlMessage& message, Time now);
  // A batch that names this sink belongs to another one. For the log; not counted here.
  void on_other_owner(const BatchHeader& header, Time now);

  std::uint64_t misrouted() const { return misrouted_; }

 private:
  bool is_of_pipeline(const std::string& pipeline, const std::string& what, Time now);
  // Counts and logs that it was dropped, and why. False.
  bool drop(LogLevel level, const std::string& what, const std::string& why, Time now);
  void log(LogLevel level, const std::string& text, Time now);

  std::string pipeline_;
  std::string name_;
  Log& log_;
  std::uint64_t incarnation_;
  Throttle throttle_;
  std::uint64_t misrouted_ = 0;
};

}  // namespace docmill
