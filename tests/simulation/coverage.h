// Coverage: how often a simulation met what it is there to meet, so that a green run is not an
// empty one. A value.
#pragma once

#include <cstdint>
#include <string>

namespace docmill::simulation {

struct Coverage {
  std::uint64_t faults = 0;
  std::uint64_t kills = 0;
  std::uint64_t kills_during_commit = 0;
  std::uint64_t commits_applied_by_a_kill = 0;
  std::uint64_t pauses = 0;
  std::uint64_t redeliveries = 0;
  std::uint64_t duplicates_suppressed = 0;
  std::uint64_t messages_lost = 0;
  std::uint64_t acks_lost = 0;
  std::uint64_t zombie_acks = 0;     // acks of an earlier run of the producer
  std::uint64_t zombie_batches = 0;  // batches of an earlier run that reach a sink
  std::uint64_t condemned = 0;
  std::uint64_t split_pieces = 0;
  std::uint64_t collisions = 0;
  std::uint64_t definitions = 0;
  std::uint64_t handed_back = 0;
  std::uint64_t boundary_padding = 0;
  std::uint64_t surplus = 0;
  std::uint64_t early_cuts = 0;
  std::uint64_t byte_cuts = 0;
  std::uint64_t document_cuts = 0;
  std::uint64_t plan_changes = 0;
  std::uint64_t members_left = 0;
  std::uint64_t returns_from_death = 0;
  std::uint64_t orderly_restarts = 0;
  std::uint64_t epochs = 0;    // begun when state was thrown away
  std::uint64_t closed = 0;    // batches of a closed epoch that reach a sink
  std::uint64_t old_runs = 0;  // batches of a run that is over that reach a sink
  std::uint64_t early = 0;     // batches that came before their turn
  std::uint64_t early_dropped = 0;
  std::uint64_t divided = 0;          // batches that went to several sinks
  std::uint64_t voided = 0;           // documents that a sink was asked to void
  std::uint64_t not_voided = 0;       // because the sink had settled them
  std::uint64_t late_for_void = 0;    // batches with something that their sink has voided
  std::uint64_t void_met = 0;         // documents condemned by an earlier run
  std::uint64_t below_watermark = 0;  // batches that came when they were long whole

  void add(const Coverage& other);
  // "name count" of each, one a line; `least` becomes the smallest count.
  std::string table() const;
  std::uint64_t least() const;
};

}  // namespace docmill::simulation
