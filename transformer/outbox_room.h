// OutboxRoom: the bytes that wait for each sink, and whether more may be made for it. Any thread.
//
// A sink that takes nothing fills its own room and nobody else's, and no thread waits for it.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

#include "shared/base/units.h"

namespace docmill {

class OutboxRoom {
 public:
  // The names are fixed from here on. One message may exceed the limit.
  template <typename Names>
  OutboxRoom(const Names& names, Bytes limit) : limit_(limit) {
    for (const auto& [name, unused] : names) bytes_[name] = 0;
  }

  bool is_full(const std::string& sink) const { return bytes_.at(sink) >= limit_.count; }
  // False, and nothing is added, when it is full.
  bool add(const std::string& sink, std::uint64_t bytes) {
    if (is_full(sink)) return false;
    bytes_.at(sink) += bytes;
    return true;
  }
  void remove(const std::string& sink, std::uint64_t bytes) { bytes_.at(sink) -= bytes; }

 private:
  Bytes limit_;
  std::map<std::string, std::atomic<std::uint64_t>> bytes_;
};

}  // namespace docmill
