#include "tests/simulation/world.h"

#include <cstdio>

namespace docmill::simulation {

void World::after(Duration delay, std::function<void()> happening) {
  agenda_.push({now_ + delay, ++order_, std::move(happening)});
}

bool World::step() {
  if (agenda_.empty() || failure_) return false;
  // The queue gives only a const top; it is popped at once, so it may be emptied.
  auto what = std::move(const_cast<Happening&>(agenda_.top()).what);
  now_ = agenda_.top().when;
  agenda_.pop();
  ++events_;
  what();
  return true;
}

void World::fail(std::string text) {
  if (failure_) return;
  trace("FAILED: {}", text);
  failure_ = std::move(text);
}

void World::print(const std::string& text) const {
  const auto time = std::chrono::duration_cast<std::chrono::microseconds>(now_.time_since_epoch());
  std::puts(fmt::format("{:12.6f} {}", static_cast<double>(time.count()) / 1e6, text).c_str());
}

}  // namespace docmill::simulation
