// Flight: one batch between its sending and its last acknowledgement, and the pieces it travels in.
//
// A batch travels whole. One that was held by a transformer that ended, more than once, travels
// alone; then document by document; and the document that still ends its transformer is condemned.
// Where outputs are keyed nobody knows whose it is: every sink of its list voids it first.
// Values, no logic.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "shared/base/clock.h"
#include "shared/protocol/cutter.h"
#include "shared/protocol/share.h"

namespace docmill {

using MemberId = std::uint32_t;

// The part of a batch that travels in one message.
struct Piece {
  std::uint32_t first = 0;  // its first document when it was made; names the piece within its batch
  Share share;
  std::uint32_t attempts_before = 0;  // of its batch, when it was made: they carried others
  std::optional<MemberId> member;     // where it is now; none: it waits to be sent
  std::uint32_t attempt = 0;          // of the last send
  std::uint32_t sends = 0;
  Time sent_at{};
  Time deadline{};
  Time not_before{};                // waits at least until then
  std::uint32_t deaths = 0;         // members that ended while they worked on it, or on its batch
  std::uint32_t brushes = 0;        // members that ended while it was among what they held
  std::uint32_t returns = 0;        // members that handed it back
  bool arrived = false;             // at its sink, where it waits for its turn; nobody else has it
  bool alone = false;               // only to a member that has nothing else
  bool suspect = false;             // a single document of a batch that ended its members
  bool condemned = false;           // to be passed on without being parsed
  std::set<std::string> voided_at;  // where outputs are keyed: the sinks that never will write it
};

struct Flight {
  Batch batch;
  Settled settled;
  std::vector<Piece> pieces;  // what is not settled yet
  // The first document of the piece that each attempt carried, by attempt - 1.
  std::vector<std::uint32_t> carried;
  std::map<std::string, std::uint64_t> settled_by;  // how many documents by which sink
  Sequence previous = 0;           // the batch before it that its sink owns; 0: none in the window
  std::uint64_t facts_needed = 0;  // the commit that must be durable before the first send

  bool whole() const { return pieces.empty(); }
  std::uint32_t attempts() const { return static_cast<std::uint32_t>(carried.size()); }
};

}  // namespace docmill
