// Progress: how far a run is, from what the daemons' telemetry says.
//
// On a terminal one line that is drawn again and again; elsewhere a line every ten seconds; for
// programs an object of JSON every second. A resource; one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "shared/base/clock.h"
#include "shared/base/units.h"
#include "shared/runtime/telemetry.h"

namespace docmill {

// The producers' counters together, over the life of the state folder.
struct Figures {
  std::uint64_t read = 0;
  std::uint64_t delivered = 0;
  std::uint64_t filtered = 0;
  std::uint64_t dead = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t members = 0;  // that one producer sends to
  std::uint64_t waiting = 0;  // in spools of the sinks, for their receivers
  std::optional<std::uint64_t> total = {};
  double rate = 0;  // documents settled in a second, lately
  Duration elapsed{};

  std::uint64_t settled() const { return delivered + filtered + dead; }
};

// "5s", "3m05s", "2h07m".
std::string elapsed_text(Duration elapsed);
// "46% [######        ] 276,000 of 600,000  9,998/s  28s  in flight 812  dead 0  members 2"; where
// the total is not known "276,000 delivered" and so on.
std::string bar_text(const Figures& figures);
// "28s: 276,000 documents delivered, 9,998/s, 812 in flight, 0 dead, 2 members"; both end with
// what waits in spools, if anything does.
std::string line_text(const Figures& figures);
std::string progress_json(const Figures& figures);

class Progress {
 public:
  enum class Style { kBar, kLines, kJson };
  // kJson when asked for, kBar when standard error is a terminal that can do it, else kLines.
  static Style choose(bool json);

  Progress(Style style, std::optional<std::uint64_t> total, Time now);

  void take(const Status& status, Time now);
  // Shows what is due.
  void tick(Time now);
  // A line on standard error, above the bar.
  void say(const std::string& line);
  // Nothing more is drawn.
  void close();

  const Figures& figures() const { return figures_; }
  // What that producer last said it had read; 0 when it has not.
  std::uint64_t read_by(const std::string& producer) const;

 private:
  void measure(Time now);

  Style style_;
  Time began_;
  Time next_;
  bool drawn_ = false;
  std::map<std::string, Status> producers_;
  std::map<std::string, std::uint64_t> waiting_;  // by sink
  Figures figures_;
  std::deque<std::pair<Time, std::uint64_t>> settled_;  // of the last seconds
};

}  // namespace docmill
