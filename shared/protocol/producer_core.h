// ProducerCore: the producer's side of the protocol - window, redelivery, poison, checkpoint -
// without I/O or clock.
//
// Events go in with the time, actions come out; the daemon (producer/) feeds it sockets and a disk,
// the simulation (tests/simulation) a seed. docs/architecture.md tells the rules. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "shared/base/log.h"
#include "shared/base/throttle.h"
#include "shared/protocol/budget.h"
#include "shared/protocol/flight.h"
#include "shared/protocol/header.h"
#include "shared/protocol/members.h"
#include "shared/protocol/records.h"
#include "shared/protocol/round_trip.h"
#include "shared/protocol/sink_peers.h"

namespace docmill {

struct WindowLimits {
  std::uint32_t batches = 1024;
  Bytes bytes{64 << 20};
};

struct ProducerSettings {
  std::string pipeline;  // its name
  WindowLimits window;
  MemberLimits member;
  TimeoutLimits timeout;
  // How long a member may be silent: while it works; after it was sent something while it was idle,
  // which it answers; and while it is idle and nothing was sent to it.
  Duration dead_after = std::chrono::milliseconds(1500);
  Duration dead_after_sending = std::chrono::milliseconds(2500);
  Duration dead_after_idle = std::chrono::seconds(15);
  Duration checkpoint_every = std::chrono::milliseconds(100);
  std::uint32_t max_deaths =
      3;  // of members over one batch, before it is divided, and over one document
  double redelivery_share = 0.1;  // of the bytes sent, that timeouts may send again
};

// What the daemon must do, in this order.
struct Connect {
  MemberId member = 0;
  std::string address;
  std::string name;
};
struct Send {
  MemberId member = 0;
  BatchHeader header;
  std::shared_ptr<const std::string> payload;
  std::uint64_t payload_hash = 0;
};
struct Disconnect {
  MemberId member = 0;
  bool deliver = false;  // what was sent is delivered first; otherwise dropped
};
struct Commit {
  std::uint64_t ticket = 0;
  ProducerFacts facts;
};
struct Say {
  LogLevel level = LogLevel::kInfo;
  std::string text;
};
struct Fatal {
  Error error;
};
struct Finished {};
using ProducerAction = std::variant<Connect, Send, Disconnect, Commit, Say, Fatal, Finished>;

struct ProducerCounters {
  std::uint64_t batches = 0;    // admitted
  std::uint64_t documents = 0;  // admitted
  std::uint64_t sends = 0;
  std::uint64_t timeouts = 0;   // sent again because it was lost, or its member does not progress
  std::uint64_t moved = 0;      // sent again because the member died
  std::uint64_t returned = 0;   // sent again because the member gave it back
  std::uint64_t deaths = 0;     // members that fell silent
  std::uint64_t condemned = 0;  // documents that were sent as dead letters
  std::uint64_t acks = 0;       // entries
  std::uint64_t ignored = 0;    // acks that name nothing sent, or another run
  Totals settled;               // this run's and earlier ones'
};

class ProducerCore {
 public:
  ProducerCore(const ProducerSettings& settings, ProducerState state);

  // Whether the window has room for the next batch. One that is larger than the window enters an
  // empty one.
  bool wants_batch() const;
  // The next batch of the cutter, and the facts that must be durable before it is sent.
  void admit(Batch batch, ProducerFacts facts, Time now);
  // No more batches will come: when everything is whole and durable, Finished.
  void finish(Time now);

  void on_heartbeat(const Heartbeat& presence, Time now);
  void on_ack(const Ack& ack, Time now);
  void on_refusal(const Refusal& refusal);
  void on_committed(std::uint64_t ticket, Time now);
  // Timers; call it after all that waits on the control socket was handed in, and at least every
  // 50 ms.
  void on_tick(Time now);

  std::vector<ProducerAction> take_actions() { return std::exchange(actions_, {}); }

  const ProducerState& state() const { return state_; }
  const ProducerCounters& counters() const { return counters_; }
  // Batches sent or waiting to be sent that are not whole.
  std::size_t in_flight() const { return open_; }
  std::uint64_t in_flight_bytes() const { return open_bytes_; }
  std::uint64_t in_flight_documents() const { return open_documents_; }
  std::size_t ready_members() const { return members_.usable(); }

 private:
  Flight* flight_of(Sequence sequence);
  Piece* piece_of(PieceKey key);
  void reserve(Sequence sequence, bool exact);
  bool sends_wait_for_pending() const;
  void commit_if_due(Time now);
  void finish_if_done(Time now);

  // producer_sending.cpp: what waits, and which member gets what.
  SinkPeer& sink_of(const Flight& flight) { return sinks_.at(flight.sink); }
  Piece& add_piece(Flight& flight, Piece piece);
  void remove_piece(Flight& flight, std::uint32_t first);
  void unplace(Flight& flight, Piece& piece);
  void stop_keeping(Piece& piece);
  void forgive(PieceKey key, Piece& piece);
  void set_timer(PieceKey key, Piece& piece, Time when);
  void clear_timer(PieceKey key, Piece& piece);
  void queue(PieceKey key);
  void enlist(Flight& flight, Piece& piece);
  SinkPeer* next_sink(bool first_sends_only, Time now);
  bool may_start(const std::set<PieceKey>& waiting);
  void dispatch(Time now);
  void dispatch_alone(Time now);
  void send_reserved(Time now);
  void reserve_alone(SinkPeer& sink, Time now);
  void send(Flight& flight, Piece& piece, Member& member, Time now);
  BatchHeader header_of(const Flight& flight, const Piece& piece, const Member& member) const;
  BatchHeader message_header(MessageKind kind, const Member& member) const;
  void send_definition(Member& member, std::uint64_t revision, Time now);
  void send_end(Member& member, Time now);

  // producer_overdue.cpp: what is sent again because its time is over.
  void on_timers(Time now);
  bool look_at(Flight& flight, Piece& piece, Time now);
  bool look_at_held(Flight& flight, Piece& piece, Time now);
  bool look_at_passed(Flight& flight, Piece& piece, Time now);
  bool is_started(const Member& member, const Flight& flight, const Piece& piece) const;
  bool is_believed(const Flight& flight, const Piece& piece);
  bool is_overtaken(const Piece& piece, const Member& member, Time now);
  bool is_lost(const SinkPeer& sink, const Piece& piece, Time now);
  bool may_repeat(const Flight& flight, const Piece& piece, Time now);
  bool resend(const Flight& flight, Piece& piece, Time now);
  void probe_sinks(Time now);
  void miss_members(Time now);

  // producer_settling.cpp: what acks do.
  bool meet_ledger(const Ack& ack);
  bool follow(LedgerMark& known, const Ack& ack);
  // How many documents were settled by it.
  std::uint64_t settle(const Ack& ack, const Ack::Entry& entry, Time now);
  void arrive(Flight& flight, const Ack::Entry& entry, SinkPeer& sink, Time now);
  void send_dropped_again(SinkPeer& sink, std::size_t most);
  bool may_settle(const std::string& sink, Sequence sequence) const;
  void settle_pieces(Flight& flight, const Ack::Entry& entry, Time now);
  void settle_piece(Flight& flight, std::uint32_t first, std::uint32_t attempt, Time now);
  void measure(Flight& flight, const Piece& piece, Time now);
  void on_sink_back(SinkPeer& sink, Time now);
  void advance();

  // producer_members.cpp: members that join, leave and report.
  Member& join(const Heartbeat& heartbeat, Time now);
  void leave(Member& member, MemberState state, Time now);
  void hear(Member& member, const Heartbeat& heartbeat, Time now);
  void replace_choked_link(Member& member, Time now);
  Piece* piece_at(const Member& member, const Attempt& attempt);
  void pass(Flight& flight, Piece& piece, Member& member, Time now);
  void on_passed(Member& member, const Attempt& attempt, Time now);
  void on_returned(Member& member, const Heartbeat::Returned& returned, Time now);
  void delay(Flight& flight, Piece& piece, Time now);
  void on_sink_unavailable(Flight& flight, Piece& piece, Time now);
  void expect(Member& member);
  Time listening_time(Time now) const;
  void check_members();

  // producer_deaths.cpp: members that fall silent or come back, and what that says of a document.
  void on_death(Member& member);
  std::vector<PieceKey> suspects_of(const Member& member);
  void on_return_from_death(Member& member);
  void escalate(PieceKey key);
  void report_condemned(const Flight& flight, std::uint32_t index);
  void split(Flight& flight, std::uint32_t first);

  // producer_voids.cpp: what becomes of condemned documents where outputs are keyed.
  void on_void(Flight& flight, const SettledSpan& span, const std::string& sink);
  Piece& condemn_apart(Flight& flight, std::uint32_t first, std::uint32_t index);

  void say(LogLevel level, std::string text) {
    actions_.emplace_back(std::in_place_type<Say>, Say{level, std::move(text)});
  }

  ProducerSettings settings_;
  ProducerState state_;  // with what is on its way to the disk
  Members members_;
  SinkPeers sinks_;
  RoundTrip round_trip_;  // from sent to passed on
  Budget budget_;
  std::deque<Flight> window_;  // by sequence without gaps, from state_.checkpoint.sequence + 1
  std::size_t open_ = 0;       // of the window: not whole
  std::uint64_t open_bytes_ = 0;
  std::uint64_t open_documents_ = 0;
  std::map<SinkId, Sequence> last_of_sink_;  // the last batch with documents that each owns
  // What is looked at when: arrived pieces last, so that they do not use up what the others need.
  std::set<std::pair<Time, PieceKey>> timers_;
  std::set<std::pair<Time, PieceKey>> arrived_timers_;
  std::set<PieceKey> reserved_;  // waiting pieces that a member is kept free for
  Time alone_not_before_{};
  Time newest_passed_{};  // when the latest of the pieces that were passed on had been sent
  // Members are judged by the time in which this producer listened.
  Time heard_until_{};
  Time last_tick_{};

  std::set<std::string> changed_ledgers_;  // sinks; durable with the next commit
  ProducerFacts pending_;                  // not handed to the disk yet
  bool checkpoint_pending_ = false;
  bool committing_ = false;
  Sequence committing_checkpoint_ = 0;
  std::uint64_t ticket_ = 0;  // the last one handed out
  std::uint64_t durable_ticket_ = 0;
  Sequence durable_checkpoint_ = 0;
  Sequence block_ = 1;         // sequences that the next reservation covers
  Sequence replay_until_ = 0;  // an earlier run may have sent so far
  Time last_commit_{};
  bool finishing_ = false;
  bool finished_ = false;

  Throttle returned_said_;
  Throttle silence_said_;
  std::optional<Time> alone_since_;  // batches wait, and no transformer takes them
  ProducerCounters counters_;
  std::vector<ProducerAction> actions_;
};

}  // namespace docmill
