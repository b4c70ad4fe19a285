// Balance: whether everything that was read is accounted for, by what is on disk.
//
// read = delivered + filtered + dead + in flight at each producer, and what the producers count as
// settled is equal to what the sinks have settled. Spilled documents count as delivered there; the
// spool counts them again as delivered, refused or waiting. Over the life of the state folder. A
// value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/states.h"

namespace docmill {

struct Balance {
  struct Producer {
    std::string name;
    Totals settled;
    std::uint64_t in_flight = 0;  // read, and not known to be settled
  };
  struct Sink {
    std::string name;
    LedgerTotals totals;
  };

  std::vector<Producer> producers;
  std::vector<Sink> sinks;
  std::vector<SinkSpool> spools = {};
  // By producer.
  std::vector<std::pair<std::string, GivenUp>> given_up = {};
  std::vector<std::pair<std::string, LostDocuments>> lost = {};
  // The sources have ended and the producers have left by themselves: nothing may be open.
  bool finished = false;

  // What does not add up, by name; empty when all does.
  std::vector<std::string> differences() const;
  // What is as it may be, and still needs a word.
  std::vector<std::string> remarks() const;
  // What waits in spools, and where; empty when nothing does.
  std::vector<std::string> waiting() const;
  // For people, with a line end after each line.
  std::string table() const;
  // One object on one line, without a line end.
  std::string json() const;
};

}  // namespace docmill
