#include "tests/support/disk/disk_weather.h"

#include <cerrno>

namespace docmill::test {
namespace {

std::string text_of(const DiskOperation& operation) {
  constexpr const char* kNames[] = {"opening", "reading",          "writing", "cutting",
                                    "sync of", "sync of names in", "locking", "naming"};
  return std::string(kNames[static_cast<std::size_t>(operation.call)]) + ' ' + operation.path;
}

}  // namespace

DiskWeather::DiskWeather(SimulatedDisk& disk, simulation::Dice& dice) : disk_(disk), dice_(dice) {
  disk_.fault = [this](const DiskOperation& operation) { return answer(operation); };
}

void DiskWeather::plan(std::uint64_t calls) {
  if (dice_.chance(30)) full_ = spell(calls, 20);
  if (dice_.chance(15)) without_descriptors_ = spell(calls, 5);
  if (dice_.chance(20)) error_at_ = disk_.calls + dice_.between(1, calls);
  if (dice_.chance(70)) death_at_ = disk_.calls + dice_.between(1, calls);
}

DiskWeather::Spell DiskWeather::spell(std::uint64_t calls, std::uint64_t longest) {
  const std::uint64_t begin = disk_.calls + dice_.between(1, calls);
  return {begin, begin + dice_.between(1, longest)};
}

void DiskWeather::clear() {
  full_ = without_descriptors_ = {};
  error_at_.reset();
  death_at_.reset();
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
  if (error_number != 0) last_ = text_of(operation);
  hurt_ = hurt_ || error_number != 0;
  broken_ = broken_ || (error_number != 0 && error_number != ENOSPC);
  if (death_at_ == disk_.calls) {
    disk_.die();
    hurt_ = broken_ = true;
    return EIO;
  }
  return error_number;
}

}  // namespace docmill::test
