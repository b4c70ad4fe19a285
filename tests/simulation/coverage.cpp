#include "tests/simulation/coverage.h"

#include <fmt/format.h>

#include <algorithm>

namespace docmill::simulation {
namespace {

struct Count {
  const char* name;
  std::uint64_t Coverage::*count;
};

constexpr Count kCounts[] = {
    {"faults", &Coverage::faults},
    {"kills", &Coverage::kills},
    {"kills during a commit", &Coverage::kills_during_commit},
    {"commits applied by a kill", &Coverage::commits_applied_by_a_kill},
    {"pauses", &Coverage::pauses},
    {"redeliveries", &Coverage::redeliveries},
    {"duplicates suppressed", &Coverage::duplicates_suppressed},
    {"messages lost", &Coverage::messages_lost},
    {"acks lost", &Coverage::acks_lost},
    {"zombie acks", &Coverage::zombie_acks},
    {"zombie batches", &Coverage::zombie_batches},
    {"condemned documents", &Coverage::condemned},
    {"split pieces", &Coverage::split_pieces},
    {"collisions", &Coverage::collisions},
    {"definitions sent", &Coverage::definitions},
    {"handed back", &Coverage::handed_back},
    {"boundary padding", &Coverage::boundary_padding},
    {"surplus records", &Coverage::surplus},
    {"early cuts", &Coverage::early_cuts},
    {"cuts by bytes", &Coverage::byte_cuts},
    {"cuts by documents", &Coverage::document_cuts},
    {"plan changes", &Coverage::plan_changes},
    {"members left", &Coverage::members_left},
    {"returns from death", &Coverage::returns_from_death},
    {"orderly restarts", &Coverage::orderly_restarts},
    {"epochs begun anew", &Coverage::epochs},
    {"batches of closed epochs", &Coverage::closed},
    {"batches of old runs", &Coverage::old_runs},
    {"batches before their turn", &Coverage::early},
    {"dropped before their turn", &Coverage::early_dropped},
    {"batches that were divided", &Coverage::divided},
    {"asked to void", &Coverage::voided},
    {"settled, so not voided", &Coverage::not_voided},
    {"late for a void", &Coverage::late_for_void},
    {"condemned by an earlier run", &Coverage::void_met},
    {"batches below the watermark", &Coverage::below_watermark},
};

}  // namespace

void Coverage::add(const Coverage& other) {
  for (const Count& count : kCounts) this->*count.count += other.*count.count;
}

std::string Coverage::table() const {
  std::string text;
  for (const Count& count : kCounts) {
    text += fmt::format("  {:<28} {:>10}\n", count.name, this->*count.count);
  }
  return text;
}

std::uint64_t Coverage::least() const {
  const Count& least = *std::min_element(
      std::begin(kCounts), std::end(kCounts),
      [this](const Count& a, const Count& b) { return this->*a.count < this->*b.count; });
  return this->*least.count;
}

}  // namespace docmill::simulation
