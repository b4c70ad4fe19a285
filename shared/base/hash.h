// XXH3, 64 bits: it finds accidents (a file that changed under way, a damaged frame), not
// attackers.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace docmill {

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);

// The hash64() of bytes that come piece by piece. One thread; a resource.
class RunningHash {
 public:
  RunningHash();
  void add(std::string_view bytes);
  std::uint64_t value() const;
  // As if these bytes had been added, too.
  std::uint64_t value_with(std::string_view bytes) const;

 private:
  struct Free {
    void operator()(void* state) const;
  };
  std::unique_ptr<void, Free> state_;
};

}  // namespace docmill
