// SinkDecision: what an operator decides about a sink whose state is lost (forget) or older than
// what it acknowledged (accept), as changes to what a producer knows.
//
// Pure functions on values: they change the state in memory and say what the decision means; the
// caller makes it durable before anything is sent. Applied again, they change nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/protocol/ledger_state.h"
#include "shared/protocol/producer_state.h"

namespace docmill {

enum class Decided : std::uint8_t {
  kDone = 0,
  kNothing = 1,  // it was decided before, or there is nothing to decide
  kRefused = 2,
};

// What a sink had acknowledged, and its ledger does not have any more.
struct LostDocuments {
  std::string sink;
  std::uint64_t documents = 0;
  bool exact = true;  // false: at most so many
  bool operator==(const LostDocuments&) const = default;
};

struct SinkDecision {
  Decided decided = Decided::kNothing;
  std::string text;  // one line, for the log and for the terminal
  std::optional<LostDocuments> lost = {};
};

// Gives up the ledger of the sink: what it had not acknowledged goes to a new ledger of that sink,
// where it is among the active ones of the pipeline file, and to the other sinks otherwise. The old
// ledger is refused from then on. present: the ledger that the sink's state folder on this host
// has, which is not lost; 0: none.
SinkDecision forget_sink(ProducerState& state, const std::string& sink,
                         const std::vector<std::string>& active, std::uint64_t present);

// Takes the sink's ledger as it is now, though it lacks commits that it acknowledged. restored:
// that ledger, where it can be read, so that the loss can be counted.
SinkDecision accept_sink(ProducerState& state, const std::string& sink,
                         const std::optional<LedgerState>& restored);

}  // namespace docmill
