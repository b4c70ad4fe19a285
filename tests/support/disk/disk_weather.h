// DiskWeather: the faults that a process meets on its disk during one life, drawn from a seed: full
// for a while, out of descriptors for a while, a call that fails, and the death of the process in
// the middle of a call.
//
// Hooked into the disk's fault function for as long as it lives. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/support/disk/simulated_disk.h"

namespace docmill::test {

class DiskWeather {
 public:
  DiskWeather(SimulatedDisk& disk, simulation::Dice& dice);
  ~DiskWeather() { disk_.fault = nullptr; }
  DiskWeather(const DiskWeather&) = delete;
  DiskWeather& operator=(const DiskWeather&) = delete;

  // Draws the faults, each within so many calls. Without it the disk works.
  void plan(std::uint64_t calls = 300);
  // The kernel may have dropped what the sync was about, so that only a power cut, which drops all
  // that is not durable, leaves a disk that can be trusted again.
  bool failed_a_sync() const { return failed_a_sync_; }
  // Whether the next call is one of those for which there is no room, or no descriptor.
  bool starves() const {
    return full_.has(disk_.calls + 1) || without_descriptors_.has(disk_.calls + 1);
  }
  // Whether any call failed.
  bool has_hurt() const { return hurt_; }
  // Whether a call failed with anything but a full disk.
  bool has_broken() const { return broken_; }
  // The call that failed last, for people: "sync of state/p1/producer.db".
  const std::string& last() const { return last_; }
  // From now on the disk works.
  void clear();

 private:
  struct Spell {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    bool has(std::uint64_t call) const { return call >= begin && call < end; }
  };

  Spell spell(std::uint64_t calls, std::uint64_t longest);
  int answer(const DiskOperation& operation);

  SimulatedDisk& disk_;
  simulation::Dice& dice_;
  Spell full_;
  Spell without_descriptors_;
  std::optional<std::uint64_t> error_at_;
  std::optional<std::uint64_t> death_at_;
  std::string last_;
  bool failed_a_sync_ = false;
  bool hurt_ = false;
  bool broken_ = false;
};

}  // namespace docmill::test
