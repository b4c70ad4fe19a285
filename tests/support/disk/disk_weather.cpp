#include "tests/support/disk/disk_weather.h"

#include <cerrno>

namespace docmill::test {
namespace {

constexpr std::uint64_t kCalls = 300;  // of a life, about

}  // namespace

DiskWeather::DiskWeather(SimulatedDisk& disk, simulation::Dice& dice) : disk_(disk), dice_(dice) {
  disk_.fault = [this](const DiskOperation& operation) { return answer(operation); };
}

void DiskWeather::plan() {
  if (dice_.chance(30)) full_ = spell(20);
  if (dice_.chance(15)) without_descriptors_ = spell(5);
  if (dice_.chance(20)) error_at_ = disk_.calls + dice_.between(1, kCalls);
  if (dice_.chance(70)) death_at_ = disk_.calls + dice_.between(1, kCalls);
}

DiskWeather::Spell DiskWeather::spell(std::uint64_t longest) {
  const std::uint64_t begin = disk_.calls + dice_.between(1, kCalls);
  return {begin, begin + dice_.between(1, longest)};
}

int DiskWeather::answer(const DiskOperation& operation) {
  int error_number = 0;
  const bool writes = operation.call == DiskCall::kWrite || operation.call == DiskCall::kName;
  if (full_.has(disk_.calls) && writes) error_number = ENOSPC;
  if (without_descriptors_.has(disk_.calls) && operation.call == DiskCall::kOpen) {
    error_number = EMFILE;
  }
  if (error_at_ == disk_.calls) error_number = EIO;
  if (error_number == EIO && operation.call == DiskCall::kSync) failed_a_sync_ = true;
  hurt_ = hurt_ || error_number != 0;
  if (death_at_ == disk_.calls) {
    disk_.die();
    hurt_ = true;
    return EIO;
  }
  return error_number;
}

}  // namespace docmill::test
