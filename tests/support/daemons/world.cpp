#include "tests/support/daemons/world.h"

#include <chrono>
#include <cstdio>

namespace docmill::daemons {

bool World::step() {
  if (events_.empty()) return false;
  // Taken out first: what happens may plan more.
  Event event = std::move(const_cast<Event&>(events_.top()));  // NOLINT: it is popped at once
  events_.pop();
  now_ = event.when;
  ++done_;
  event.what();
  return true;
}

void World::fail(std::string text) {
  trace("FAILED: {}", text);
  if (!failure_) failure_ = std::move(text);
}

void World::print(const std::string& text) const {
  const auto time = std::chrono::duration_cast<std::chrono::microseconds>(now_ - kBegin).count();
  std::printf("%8lld.%06lld %s\n", static_cast<long long>(time / 1'000'000),
              static_cast<long long>(time % 1'000'000), text.c_str());
}

}  // namespace docmill::daemons
