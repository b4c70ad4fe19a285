// Flight: one batch between its sending and its last acknowledgement, and the pieces it travels in.
//
// A batch travels in one piece. One that was held by a transformer that ended, more than once,
// travels alone; then in ever smaller parts; and the document that still ends its transformers is
// condemned. Where outputs are keyed nobody knows whose it is: every sink of its list voids it
// first. Values, no logic.
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
using SinkId = std::uint32_t;

// A piece by its batch and its first document, which no other piece of the batch has. An empty
// batch has piece 0.
struct PieceKey {
  Sequence sequence = 0;
  std::uint32_t first = 0;
  auto operator<=>(const PieceKey&) const = default;
};

enum class PieceState : std::uint8_t {
  kWaiting,  // to be sent, now or at its timer
  kHeld,     // sent to a member: it waits for a thread there, or is started
  kPassed,   // processed; its outputs are on their way to the sink
  kArrived,  // at its sink, where it waits for its turn; no member has it
};

// The part of a batch that travels in one message.
struct Piece {
  std::uint32_t first = 0;  // its first document when it was made; names the piece within its batch
  Share share;
  std::uint32_t attempts_before = 0;  // of its batch, when it was made: they carried others
  PieceState state = PieceState::kWaiting;
  std::optional<MemberId> member;   // that holds it or has passed it on
  std::optional<MemberId> kept_by;  // the member that is kept free for it
  std::vector<MemberId> blamed;     // members whose death was counted against it
  std::vector<MemberId> tried;      // the first few members that it was sent to
  std::uint32_t attempt = 0;        // of the last send
  std::uint32_t sends = 0;
  std::uint64_t send_order = 0;  // among all that its member was sent
  std::uint64_t pass_order = 0;  // among all that its member has passed on
  Time sent_at{};
  Time passed_at{};
  Time timer{};               // when its state is looked at again; waiting: when it may be sent
  std::uint32_t deaths = 0;   // members that ended while they worked on it, or on its batch
  std::uint32_t brushes = 0;  // members that ended while it was among what they held
  std::uint32_t returns = 0;  // members that handed it back
  bool probe = false;         // sent while its sink was unavailable
  bool crowded = false;       // a death counted against it and against others at once
  bool alone = false;         // only to a member that has nothing else
  bool suspect = false;       // a part of a batch that ended its members
  bool condemned = false;     // to be passed on without being parsed
  std::set<std::string> voided_at;  // where outputs are keyed: the sinks that never will write it
};

struct Flight {
  Batch batch;
  SinkId sink = 0;  // the owner; 0 where outputs are keyed, and each document has its own
  Settled settled;
  std::map<std::uint32_t, Piece> pieces;  // what is not settled yet, by first document
  std::set<std::uint32_t> wide;           // of these, the pieces that have more than one document
  // The first document of the piece that each attempt carried, by attempt - 1.
  std::vector<std::uint32_t> carried;
  std::map<std::string, std::uint64_t> settled_by;  // how many documents by which sink
  Sequence previous = 0;           // the batch before it that its sink owns; 0: none in the window
  std::uint64_t facts_needed = 0;  // the commit that must be durable before the first send

  bool whole() const { return pieces.empty(); }
  std::uint32_t attempts() const { return static_cast<std::uint32_t>(carried.size()); }
};

}  // namespace docmill
