// Throttle: lets a line about a thing through once in a while, and counts what it holds back.
//
// What others can cause as often as they like must not fill a disk. One thread at a time; a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "shared/base/clock.h"
#include "shared/base/units.h"

namespace docmill {

class Throttle {
 public:
  // Beyond so many things at a time, what is new shares one turn.
  explicit Throttle(Duration every = std::chrono::minutes(1), std::size_t things = 64)
      : every_(every), most_(things) {}

  // How many lines about this thing were held back since the last one; nothing when this one is.
  std::optional<std::uint64_t> due(const std::string& thing, Time now);

 private:
  struct Turn {
    Time next{};
    std::uint64_t held_back = 0;
  };

  Duration every_;
  std::size_t most_;
  std::map<std::string, Turn> turns_;
  Turn others_;
};

// "" or " (12 more like it)", for the end of a line.
std::string more_like_it(std::uint64_t held_back);

}  // namespace docmill
