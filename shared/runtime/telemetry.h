// Telemetry: a daemon's counters, four times a second, to whoever subscribed. Lossy; for people and
// progress bars.
//
// Each message is [status][JSON]: {"name":"p1","role":"producer","process":4711,
// "address":"tcp://10.0.0.1:7001","values":{"read":12, ...}}. One thread.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "shared/base/clock.h"
#include "shared/base/result.h"
#include "shared/transport/context.h"
#include "shared/transport/pub_socket.h"
#include "shared/transport/sub_socket.h"

namespace docmill {

struct Gauge {
  std::string_view name;
  std::uint64_t value = 0;
};

// What one message says.
struct Status {
  std::string name;
  std::string role;
  std::map<std::string, std::uint64_t> values;
  std::int64_t process = 0;  // its number in its own PID namespace
  std::string address = {};  // under `network`, in the file that it uses; a transformer has none
};

class Telemetry {
 public:
  // Binds STATE/sockets/NAME.telemetry.
  static Result<Telemetry> open(const Context& context, const std::filesystem::path& state,
                                std::string name, std::string role, std::string address = {});

  bool due(Time now) const { return now >= next_; }
  void publish(std::span<const Gauge> gauges, Time now);

 private:
  Telemetry(PubSocket socket, std::string name, std::string role, std::string address);

  PubSocket socket_;
  std::string name_;
  std::string role_;
  std::string address_;  // as JSON
  Time next_{};
};

// For loops over TelemetryReader::next(): a daemon publishes four a second.
inline constexpr int kMaxStatusesPerTurn = 100;

// The other side: the statuses of one daemon.
class TelemetryReader {
 public:
  static Result<TelemetryReader> open(const Context& context, const std::filesystem::path& state,
                                      const std::string& name);
  // The next status that has come; false when there is none.
  bool next(Status& status);

 private:
  explicit TelemetryReader(SubSocket socket) : socket_(std::move(socket)) {}
  SubSocket socket_;
};

}  // namespace docmill
