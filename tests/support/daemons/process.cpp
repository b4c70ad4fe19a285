#include "tests/support/daemons/process.h"

#include <algorithm>
#include <chrono>

namespace docmill::daemons {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kTurn = microseconds(10);
constexpr Duration kLook = milliseconds(5);
// What an end may take beyond shutdown_timeout: a commit, a disk that is full.
constexpr Duration kMargin = milliseconds(2500);
// How often a process is looked at that may not have ended yet.
constexpr Duration kExcused = milliseconds(100);

}  // namespace

void Process::start() {
  if (running() || leaving_ || done_) return;
  ++counts_.lives;
  started_ = world_.now();
  life_ = std::make_shared<Life>();
  life_->name = name_;
  life_->wake = [this](bool message) {
    if (!message || listens()) plan(world_.now());
  };
  request_ = {};
  clock().time = std::max(clock().time, world_.now());
  world_.trace("{} starts", name_);
  // Links may wake it before it is open.
  planned_.reset();
  const auto opened = open();
  if (has_died()) return die(world_.dice.time(milliseconds(20), seconds(3)), false);
  if (!opened) {
    world_.trace("{} cannot start: {}", name_, opened.error().text);
    if (!may_end_with(opened.error())) {
      world_.fail(fmt::format("{} cannot start: {}", name_, opened.error().text));
    }
    ++counts_.crashes;
    return die(world_.dice.time(milliseconds(500), seconds(3)), false);
  }
  if (retired_) return retire();
  plan(clock().time);
}

void Process::plan(Time when) {
  when = std::max({when, clock().time, world_.now()});
  if (planned_ && *planned_ <= when) return;
  planned_ = when;
  world_.at(when, [this, number = ++plan_] {
    if (number == plan_) turn();
  });
}

void Process::turn() {
  planned_.reset();
  if (!life_ || !life_->runs()) return;
  ++counts_.steps;
  clock().time = std::max(clock().time, world_.now());
  const auto goes_on = step();
  clock().time += kTurn;
  if (has_died()) {
    ++counts_.crashes;
    return die(world_.dice.time(milliseconds(20), seconds(3)), false);
  }
  if (!goes_on) {
    world_.trace("{} ends with: {}", name_, goes_on.error().text);
    if (!may_end_with(goes_on.error())) {
      world_.fail(fmt::format("{} ends with: {}", name_, goes_on.error().text));
    }
    ++counts_.crashes;
    done_ = gives_up();
    return die(world_.dice.time(milliseconds(200), seconds(3)), false);
  }
  if (!*goes_on) return leave();
  const Duration patience = std::max<Duration>(idle(), Duration::zero());
  plan(clock().time + std::min<Duration>(patience, seconds(5)));
}

void Process::leave() {
  ++counts_.orderly_ends;
  if (has_finished()) {
    done_ = true;
  } else if (request_.asked == 0) {
    world_.fail(name_ + " ends though nothing has asked it to");
  }
  world_.trace("{} ends in order", name_);
  leaving_ = std::move(life_);
  life_.reset();
  drop();
  gone();
}

// Its process ends when its links have nothing to send any more.
void Process::gone() {
  if (!leaving_) return;
  if (network_.lingers(leaving_)) return world_.after(kLook, [this] { gone(); });
  leaving_->dead = true;
  network_.on_death(leaving_);
  leaving_.reset();
  if (retired_) done_ = true;
  if (!done_) start_again(world_.dice.time(milliseconds(1), milliseconds(800)));
}

void Process::die(Duration away, bool power) {
  if (leaving_) {
    leaving_->dead = true;
    network_.on_death(leaving_);
    leaving_.reset();
    if (retired_) done_ = true;
    return start_again(away);
  }
  if (!life_) return;
  world_.trace("{} is dead for {}", name_, to_string(away));
  life_->dead = true;
  network_.on_death(life_);
  const bool cut = power || needs_power_cut();
  drop();
  life_.reset();
  if (cut) {
    world_.trace("the power of {} is cut", name_);
    ++counts_.power_cuts;
    cut_power();
  }
  if (retired_ && !has_finished() && request_.asked > 0) done_ = true;
  start_again(away);
}

void Process::start_again(Duration away) {
  if (!done_) world_.after(away, [this] { start(); });
}

void Process::kill(Duration away, bool power) {
  if (!running() && !leaving_) return;
  ++counts_.kills;
  die(away, power);
}

void Process::pause(Duration duration) {
  if (!running() || life_->paused) return;
  ++counts_.pauses;
  world_.trace("{} is paused for {}", name_, to_string(duration));
  life_->paused = true;
  world_.after(duration, [this, duration, paused = life_] {
    if (paused->dead) return;
    world_.trace("{} runs again", name_);
    paused->paused = false;
    deadline_ = std::max(deadline_, world_.now());
    network_.on_continue(paused);
    if (paused != life_) return;
    on_continue(duration);
    plan(world_.now());
  });
}

void Process::signal(bool reload) {
  if (!running()) return;
  world_.trace("{} is asked to {}", name_, reload ? "reload" : "stop");
  const bool first = request_.asked == 0;
  // As Daemon::stops(): a stop takes the place of a reload.
  if (first || !reload) {
    request_.asked = first || request_.reload ? 1 : request_.asked + 1;
    request_.reload = reload;
  }
  plan(world_.now());
  if (!first) return;
  deadline_ = world_.now() + shutdown_timeout_;
  request_.until = bug_ == Bug::kNoDeadline ? deadline_ + std::chrono::hours(1) : deadline_;
  check_deadline();
}

void Process::check_deadline() {
  const LifePointer& asked = life_ ? life_ : leaving_;
  world_.at(deadline_ + kMargin, [this, asked] { look_at_deadline(asked); });
}

void Process::look_at_deadline(const LifePointer& asked) {
  if (asked->dead || (asked != life_ && asked != leaving_)) return;
  if (asked->paused || (asked == life_ && may_wait_for_room())) {
    deadline_ = world_.now();
    return world_.after(kExcused, [this, asked] { look_at_deadline(asked); });
  }
  if (world_.now() < deadline_ + kMargin) return check_deadline();
  world_.fail(fmt::format("{} was asked to stop and still {} {} after its deadline", name_,
                          asked == life_ ? "runs" : "sends", to_string(world_.now() - deadline_)));
}

void Process::fill_disk(Duration duration) {
  test::DiskModel* const disk = files();
  if (disk == nullptr || full_until_ > world_.now()) return;
  ++counts_.full_disks;
  world_.trace("the disk of {} is full for {}", name_, to_string(duration));
  disk->room = disk->used() + world_.dice.below(20'000);
  full_until_ = world_.now() + duration;
  world_.at(full_until_, [this] { free_disk(); });
}

void Process::restore(const test::DiskModel::Backup& backup) {
  kill(world_.dice.time(milliseconds(10), seconds(2)), false);
  world_.trace("{} gets an older state back", name_);
  files()->restore(backup);
}

void Process::free_disk() {
  if (files() == nullptr) return;
  if (life_ && may_wait_for_room()) deadline_ = std::max(deadline_, world_.now());
  files()->room = UINT64_MAX;
}

// Before a reload a producer waits for room: a new stage could not be opened without.
bool Process::may_wait_for_room() const { return request_.reload && waits_for_room(); }

void Process::retire() {
  retired_ = true;
  if (!running() && !leaving_) return;
  if (running() && request_.asked == 0) signal(false);
}

void Process::abandon() {
  done_ = true;
  for (const LifePointer& life : {life_, leaving_}) {
    if (life) life->wake = [](bool) {};
  }
  if (life_) drop();
}

}  // namespace docmill::daemons
