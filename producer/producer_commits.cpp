// The part of Producer that performs what its core asks for, and tells the source what is settled.
#include <algorithm>
#include <iterator>

#include "producer/producer.h"

namespace docmill {

Result<bool> Producer::perform_actions() {
  const Time now = links_.clock.now();
  for (;;) {
    if (actions_.empty()) {
      auto actions = core_.take_actions();
      if (actions.empty()) return true;
      std::move(actions.begin(), actions.end(), std::back_inserter(actions_));
    }
    if (auto done = perform(actions_.front(), now); !done) return done.error();
    if (full_disk_) return false;
    actions_.pop_front();
  }
}

Result<void> Producer::perform(const ProducerAction& action, Time now) {
  if (const auto* connect = std::get_if<Connect>(&action)) members_.connect(*connect, now);
  if (const auto* send = std::get_if<Send>(&action)) members_.send(*send, now);
  if (const auto* disconnect = std::get_if<Disconnect>(&action)) {
    members_.disconnect(*disconnect, now, farewell_time(now));
  }
  if (const auto* say = std::get_if<Say>(&action)) links_.log.write(say->level, say->text);
  if (const auto* fatal = std::get_if<Fatal>(&action)) return fatal->error;
  if (std::holds_alternative<Finished>(action)) finished_ = true;
  const auto* commit = std::get_if<Commit>(&action);
  return commit != nullptr ? perform(*commit) : Result<void>();
}

Result<void> Producer::perform(const Commit& commit) {
  full_disk_.reset();
  const auto committed = parts_.store->commit(commit.facts);
  const Time now = links_.clock.now();
  if (!committed) {
    const Error& error = committed.error();
    if (error.code != ErrorCode::kUnavailable) return error;
    log_retry(error);
    full_disk_ = {error, now + kRetryFullDisk};
    return {};
  }
  core_.on_committed(commit.ticket, now);
  if (commit.facts.checkpoint) {
    if (auto told = tell_settled(*commit.facts.checkpoint); !told) return told;
  }
  return {};
}

// What the source could not do about it for now is tried again, and the end waits for it.
Result<void> Producer::tell_settled(const Checkpoint& checkpoint) {
  auto told = parts_.reader->settled(checkpoint);
  const bool owes = !told && told.error().code == ErrorCode::kUnavailable;
  owed_ = owes ? std::optional(checkpoint) : std::nullopt;
  if (told || rests_after(told.error())) return {};
  return told;
}

void Producer::log_retry(const Error& error) {
  if (const auto held_back = retries_said_.due(error.text, links_.clock.now())) {
    links_.log.warn("{}; retry in {}{}", error.text, to_string(kRetryFullDisk),
                    more_like_it(*held_back));
  }
}

}  // namespace docmill
