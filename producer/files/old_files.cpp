#include "producer/files/old_files.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "producer/files/file_search.h"

namespace docmill {
namespace {

constexpr std::size_t kTogether = 512;
constexpr Duration kPause = std::chrono::seconds(20);
constexpr Duration kAway = std::chrono::minutes(1);
constexpr int kLooks = 3;

}  // namespace

bool OldFiles::is_old(std::size_t number) {
  if (!catalog_.is_newest(number)) return true;
  const KnownFile& file = catalog_.file(number);
  const auto now = look_at(file.path);
  if (now && *now) catalog_.folders().found(file.path);
  const Result<bool> gone = now && !*now ? catalog_.folders().is_gone(file) : Result<bool>(false);
  if (!gone || !*gone) {
    missing_.erase(number);
    return false;
  }
  Missing& missing = missing_.try_emplace(number, Missing{clock_.now(), 0}).first->second;
  ++missing.looks;
  return missing.looks >= kLooks && clock_.now() - missing.since >= kAway;
}

Result<void> OldFiles::work() {
  const Time began = clock_.now();
  if (began < next_work_) return {};
  std::vector<std::size_t> old;
  std::size_t number = catalog_.next_from(next_);
  for (std::size_t i = 0; i < kTogether && number < settled_; ++i) {
    if (is_old(number)) old.push_back(number);
    number = catalog_.next_from(number + 1);
  }
  const Result<void> forgotten = catalog_.forget(old, "path");
  const Time now = clock_.now();
  spent_ += now - began;
  if (!forgotten || number >= settled_) {
    next_work_ = now + std::max(kPause, 9 * spent_);
    spent_ = {};
    number = 0;
  }
  next_ = number;
  if (!forgotten) return forgotten;
  for (const std::size_t one : old) missing_.erase(one);
  return {};
}

}  // namespace docmill
