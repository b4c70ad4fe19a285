#include "tests/simulation/simulated_member.h"

#include <algorithm>

#include "shared/document/notes.h"
#include "shared/protocol/owner.h"
#include "shared/protocol/payload.h"
#include "tests/simulation/simulated_producer.h"
#include "tests/simulation/simulated_sink.h"

namespace docmill::simulation {
namespace {

// A member that is told to leave waits so long for the ENDs of its producers.
constexpr Duration kLeavePatience = 10s;
// And so long for those that have sent one before.
constexpr Duration kAnswerPatience = 1s;
// Of a payload; little, so that a sink gets several of one batch.
constexpr Bytes kLargest{1500};

}  // namespace

SimulatedMember::SimulatedMember(Pipeline& pipeline, std::string name)
    : Process(pipeline.world, std::move(name)), pipeline_(pipeline) {}

bool SimulatedMember::up_to_date() const {
  return file_.processors == pipeline_.file.processors && file_.sinks == pipeline_.file.sinks;
}

void SimulatedMember::on_start() {
  file_ = pipeline_.file;
  incarnation_ = world_.dice.roll();
  capacity_ = static_cast<std::uint32_t>(world_.dice.between(1, 4));
  core_.emplace(MemberIdentity{name(), incarnation_, name(), capacity_}, pipeline_.producer_names(),
                std::set<std::string>(file_.sinks.begin(), file_.sinks.end()));
  core_->define(file_.processors);
  for (const std::string& producer : core_->producers()) {
    to_producers_[producer] = pipeline_.link_to_producer(*this, producer);
  }
  for (const std::string& sink : file_.sinks) to_sinks_[sink] = pipeline_.link_to_sink(*this, sink);
  beacon();
}

void SimulatedMember::on_kill() {
  for (const auto& [unused, link] : to_producers_) link->sender_died();
  for (const auto& [unused, link] : to_sinks_) link->sender_died();
  forget();
}

void SimulatedMember::forget() {
  core_.reset();
  inbox_.clear();
  queue_.clear();
  working_.clear();
  has_waited_ = false;
}

void SimulatedMember::break_links() {
  for (const auto& [unused, link] : to_producers_) link->break_off();
  for (const auto& [unused, link] : to_sinks_) link->break_off();
}

void SimulatedMember::beacon() {
  for (const std::string& producer : core_->producers()) tell(producer);
  later(400ms, [this] { beacon(); });
}

void SimulatedMember::tell(const std::string& producer) {
  const Heartbeat heartbeat = core_->heartbeat_for(producer);
  to_producers_[producer]->send(heartbeat);
  core_->told(heartbeat, producer);
}

void SimulatedMember::tell_news() {
  for (const std::string& producer : core_->producers()) {
    if (core_->has_news_for(producer)) tell(producer);
  }
}

bool SimulatedMember::receive(const DocumentMessage& message) {
  if (!running()) return false;
  inbox_.push_back(message);
  if (message.header.kind == MessageKind::kBatch) {
    pipeline_.producer(message.header.lineage.producer).note_receiver(message.header, incarnation_);
  }
  later(world_.dice.time(10us, 300us), [this] { next(); });
  return true;
}

void SimulatedMember::drain() {
  if (!running() || core_->draining()) return;
  world_.trace("{} is told to leave", name());
  core_->drain();
  for (const std::string& producer : core_->producers()) tell(producer);
  later(kAnswerPatience, [this] {
    has_waited_ = true;
    leave_if_done();
  });
  later(kLeavePatience, [this] { leave(); });
}

void SimulatedMember::leave_if_done() {
  for (const std::string& producer : core_->producers()) {
    core_->set_connected(producer, pipeline_.producer(producer).running());
  }
  const bool rests = working_.empty() && queue_.empty() && inbox_.empty();
  if (!core_->may_leave(has_waited_ && rests, has_waited_)) return;
  const bool left_work = std::any_of(
      inbox_.begin(), inbox_.end(),
      [](const DocumentMessage& message) { return message.header.kind == MessageKind::kBatch; });
  // A killed producer's successor, and a wild network, may send behind an END.
  if (left_work && world_.coverage.kills + world_.coverage.pauses == 0 && !world_.adversarial) {
    world_.fail(fmt::format("{} leaves with work that was sent to it", name()));
  }
  leave();
}

void SimulatedMember::leave() {
  for (const DocumentMessage& message : queue_) {
    core_->hand_back(message.header, ReturnReason::kLeaving);
  }
  for (const BatchHeader& header : working_) core_->hand_back(header, ReturnReason::kLeaving);
  core_->leave();
  for (const std::string& producer : core_->producers()) tell(producer);
  world_.trace("{} leaves", name());
  ++world_.coverage.members_left;
  end();
  forget();
  start_after(world_.dice.time(500ms, 3s));
}

void SimulatedMember::next() {
  if (inbox_.empty()) return;
  const DocumentMessage message = std::move(inbox_.front());
  inbox_.pop_front();
  if (message.header.kind == MessageKind::kEnd) {
    core_->on_end(message.header);
    leave_if_done();
    if (!running()) return;
  } else if (message.header.kind == MessageKind::kDefinition) {
    if (*message.payload != processors_text(message.header.processors)) {
      world_.fail(fmt::format("{} is given '{}'", name(), *message.payload));
    }
    core_->define(message.header.processors);
  } else if (core_->accept(message.header)) {
    queue_.push_back(message);
    start_work();
  } else {
    ++world_.coverage.handed_back;
  }
  tell_news();
  if (!inbox_.empty()) later(10us, [this] { next(); });
}

void SimulatedMember::start_work() {
  while (working_.size() < capacity_ && !queue_.empty()) {
    const DocumentMessage message = std::move(queue_.front());
    queue_.pop_front();
    core_->started(message.header);
    working_.push_back(message.header);
    const Duration takes =
        world_.dice.chance(1) ? world_.dice.time(50ms, 2s) : world_.dice.time(100us, 10ms);
    later(takes, [this, message] { work(message); });
  }
}

void SimulatedMember::work(const DocumentMessage& message) {
  hangs_ = false;
  auto messages = process(message);
  if (!messages) {
    world_.trace("{} is ended by batch {} of {}", name(), message.header.sequence,
                 message.header.lineage.producer);
    return kill(world_.dice.time(100ms, 2s));
  }
  if (!hangs_) return pass_on(message.header, std::move(*messages));
  pause(world_.dice.time(3s, 12s));
  later(10us, [this, header = message.header, outputs = std::move(*messages)]() mutable {
    pass_on(header, std::move(outputs));
  });
}

bool SimulatedMember::process(const BatchHeader& header, const Entry& entry, PayloadWriter& out) {
  if (header.condemned || entry.kind == EntryKind::kDead) {
    out.dead(entry.index, entry.document,
             entry.kind == EntryKind::kDead ? entry.reason : "condemned");
    return true;
  }
  const DocumentName name = parse_name(entry.document.bytes);
  const Fate fate = static_cast<Fate>(name.fate);
  if (fate == Fate::kPoison) return false;
  if (fate == Fate::kFragile) {
    // As one that needs much memory: deadly for a time, and harmless later.
    if (world_.dice.chance(header.run.counter % 2 == 0 ? 20 : 90)) return false;
    hangs_ = hangs_ || world_.dice.chance(70);
  }
  if (fate == Fate::kMalformed) {
    out.dead(entry.index, entry.document, "to_json: it is malformed");
    return true;
  }
  if (fate == Fate::kFilter) {
    out.filtered(entry.index);
    return true;
  }
  const bool twice = fate == Fate::kDeliverTwice || fate == Fate::kTwoKeys;
  for (int i = 0; i < (twice ? 2 : 1); ++i) {
    out.begin_document(entry.index, Format::kJson, entry.document.origin) +=
        fmt::format("{}", i) + std::string(entry.document.bytes);
    std::string notes;
    if (fate == Fate::kTwoKeys) {
      set_note(notes, kKeyNote, fmt::format("one of two: {}", i));
    } else if (const auto key = key_of(name); key && (i == 1 || !twice || name.document % 2 == 0)) {
      set_note(notes, kKeyNote, *key);
    }
    out.end_document(notes);
  }
  return true;
}

std::optional<std::vector<Division::Message>> SimulatedMember::process(
    const DocumentMessage& message) {
  BatchHeader header = message.header;
  header.processed = true;
  if (world_.has(Bug::kDividedByOwnList)) header.sinks = file_.sinks;
  std::optional<Division> division;
  if (header.keyed) division.emplace(header, kLargest);
  PayloadReader reader(*message.payload);
  PayloadWriter out;
  Entry entry;
  for (auto more = reader.next(entry); more.ok() && *more; more = reader.next(entry)) {
    if (!contains(header.share, entry.index)) continue;
    if (header.voids) {
      division->add_void(entry.index);
      continue;
    }
    if (division) out.rewind({});
    if (!process(header, entry, out)) return std::nullopt;
    if (division) division->add(entry.index, entry.document, out.bytes());
  }
  if (!division) {
    const std::string& owner = owner_of(header.lineage, header.sequence, header.sinks);
    return {{{owner, header, out.take()}}};
  }
  std::vector<Division::Message> messages = division->take_rest();
  for (Division::Message& one : messages) one.header.sinks = message.header.sinks;
  return messages;
}

void SimulatedMember::pass_on(const BatchHeader& header, std::vector<Division::Message> messages) {
  if (messages.size() > 1) ++world_.coverage.divided;
  bool whole = true;
  for (Division::Message& message : messages) {
    if (!pipeline_.sink(message.sink).running() && world_.dice.chance(60)) {
      whole = false;
      continue;
    }
    to_sinks_[message.sink]->send(
        {message.header, std::make_shared<const std::string>(std::move(message.payload))});
  }
  if (whole) {
    core_->passed(header);
  } else {
    ++world_.coverage.handed_back;
    core_->hand_back(header, ReturnReason::kSinkUnavailable);
  }
  working_.erase(std::find(working_.begin(), working_.end(), header));
  start_work();
  tell_news();
  leave_if_done();
}

}  // namespace docmill::simulation
