// How the cost of some work grows with its size, measured in processor time of this thread, so that
// other processes do not disturb it.
#pragma once

#include <malloc.h>

#include <algorithm>
#include <cstddef>
#include <ctime>

namespace docmill {

inline constexpr std::size_t kGrowth = 16;
// O(n log n) work takes about 20 times as long at 16n as at n, and up to three times that when it
// leaves the caches; quadratic work 256 times.
inline constexpr double kMostGrowth = 100;

inline double thread_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// The best of three: work(size) does everything, also its own preparation.
template <typename Work>
double cost_of(Work& work, std::size_t size) {
  double best = 0;
  for (int i = 0; i < 3; ++i) {
    const double begin = thread_seconds();
    work(size);
    const double took = thread_seconds() - begin;
    best = i == 0 ? took : std::min(best, took);
  }
  return best;
}

// cost(kGrowth * size) / cost(size). The size must be large enough to be measured.
template <typename Work>
double growth_of(std::size_t size, Work work) {
  // As in the daemons: giving memory back each time would cost more than the work.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  const double small = cost_of(work, size);
  return cost_of(work, kGrowth * size) / std::max(small, 1e-9);
}

}  // namespace docmill
