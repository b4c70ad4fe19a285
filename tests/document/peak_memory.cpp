#include "tests/document/peak_memory.h"

#include <malloc.h>

#include <fstream>
#include <string>

#include "shared/base/check.h"

namespace docmill {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// "VmHWM:      1234 kB" in /proc/self/status, in bytes.
std::uint64_t status(const std::string& name) {
  std::ifstream file("/proc/self/status");
  for (std::string word; file >> word;) {
    if (word != name) continue;
    std::uint64_t kilobytes = 0;
    file >> kilobytes;
    return kilobytes * 1024;
  }
  DOCMILL_CHECK(false, "no {} in /proc/self/status", name);
  return 0;
}

}  // namespace

PeakMemory::PeakMemory() {
  if (kSanitized) return;
  malloc_trim(0);  // else what was freed before would be used, and not seen
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
  before_ = status("VmHWM:");
}

std::uint64_t PeakMemory::grown() const { return kSanitized ? 0 : status("VmHWM:") - before_; }

}  // namespace docmill
