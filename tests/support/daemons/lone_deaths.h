// LoneDeaths: how many transformers fell silent while each of them worked on one document alone,
// counted apart from the producer by what passes through its links. Three within one run are the
// only reason to dead-letter a document that nothing else is wrong with.
//
// One thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "shared/protocol/header.h"
#include "shared/protocol/records.h"

namespace docmill::daemons {

class LoneDeaths {
 public:
  explicit LoneDeaths(std::size_t documents) : most_(documents) {}

  // The next run of the producer knows nothing of these transformers.
  void end_run();
  // The producer sends the document of that number alone.
  void on_sent(const BatchHeader& header, std::size_t document);
  void on_heartbeat(const Heartbeat& heartbeat);
  // The transformer was paused for longer than a producer waits.
  void on_silence(std::uint64_t incarnation);
  // The process of the transformer has ended. What it told last may still arrive.
  void on_end(std::uint64_t incarnation) { ended_.insert(incarnation); }

  // The most deaths of the document within one run.
  std::size_t of(std::size_t document) const { return most_[document]; }

 private:
  using AttemptKey = std::pair<Sequence, std::uint32_t>;

  std::vector<std::size_t> most_;  // by document

  // Of this run.
  Run run_;
  std::map<AttemptKey, std::size_t> alone_;                  // the document of each attempt
  std::map<std::uint64_t, std::vector<Attempt>> started_;    // by incarnation, as last reported
  std::set<std::uint64_t> ended_;                            // incarnations
  std::map<std::size_t, std::set<std::uint64_t>> silenced_;  // incarnations, by document
};

}  // namespace docmill::daemons
