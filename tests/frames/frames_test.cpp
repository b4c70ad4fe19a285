// What anybody may send, in great numbers: the decoders refuse it or say what it means, and what it
// means is fed to the cores, which settle nothing but what was sent and told by whom it concerns.
//
// MUTATIONS is how many frames (200,000), SEED which ones (1).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "shared/protocol/member_core.h"
#include "shared/protocol/payload.h"
#include "tests/frames/frame_mutator.h"
#include "tests/frames/ledger_world.h"
#include "tests/frames/producer_world.h"
#include "tests/protocol/codec_samples.h"
#include "tests/support/catch.h"

using namespace docmill;

namespace {

// Of a world; what is settled or closed is of no more use.
constexpr std::uint64_t kFramesOfAWorld = 200;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* value = std::getenv(variable);
  return value == nullptr || *value == '\0' ? otherwise : std::strtoull(value, nullptr, 10);
}

const std::uint64_t kSeed = number_from("SEED", 1);
// Each of the five tests has its part.
const std::uint64_t kFrames = number_from("MUTATIONS", 200'000) / 5;

// Worlds one after the other, each with its own seed: frames go in until something differs.
template <typename World, typename Decode>
std::array<std::uint64_t, 2> try_worlds(Decode decode_and_feed) {
  std::array<std::uint64_t, 2> counts{};  // accepted frames, and what came of it
  for (std::uint64_t number = 0; number * kFramesOfAWorld < kFrames; ++number) {
    FrameMutator dice(kSeed << 32 | number);
    World world(dice);
    for (std::uint64_t i = 0; i < kFramesOfAWorld; ++i) {
      const std::string frame = world.frame();
      std::string difference;
      if (decode_and_feed(world, frame, difference)) ++counts[0];
      INFO("SEED=" << kSeed << ", world " << number << ", frame " << i);
      if (!difference.empty()) FAIL(difference);
    }
    if constexpr (requires { world.settled(); }) {
      counts[1] += world.settled();
    } else {
      counts[1] += world.written();
    }
  }
  return counts;
}

}  // namespace

TEST_CASE("a frame that was changed and whose hash was not is never decoded") {
  FrameMutator dice(kSeed);
  const std::string payload = samples::payload();
  const std::string header = encode(samples::header(), payload);
  std::uint64_t changed = 0;
  for (std::uint64_t i = 0; i < kFrames; ++i) {
    const auto controls = samples::controls();
    const std::string control = encode(controls[dice.below(controls.size())], samples::addressee());
    const std::string other_control = dice.mutate(control);
    const std::string other_header = dice.mutate(header);
    const std::string other_payload = dice.mutate(payload);
    INFO("SEED=" << kSeed << ", frame " << i);
    if (other_control != control && decode_control(other_control)) FAIL("a control message");
    if (other_header != header && decode_header(other_header, payload)) FAIL("a header");
    if (other_payload != payload && decode_header(header, other_payload)) FAIL("a payload");
    changed += other_control != control && other_header != header && other_payload != payload;
  }
  CHECK(changed > kFrames / 2);
}

TEST_CASE(
    "acks, refusals and heartbeats settle what was sent and acked by its owner, nothing else") {
  const auto [accepted, settled] = try_worlds<ProducerWorld>(
      [](ProducerWorld& world, const std::string& frame, std::string& difference) {
        const auto message = decode_control(frame);
        if (message) difference = world.feed(message->record);
        return message.ok();
      });
  std::cout << fmt::format("SEED={}: {} control frames, {} accepted, {} documents settled\n", kSeed,
                           kFrames, accepted, settled);
  CHECK(accepted > kFrames / 3);
  CHECK(settled > kFrames / 100);
}

TEST_CASE("batches are written once each, and acked only when they are written") {
  const auto [accepted, written] = try_worlds<LedgerWorld>(
      [](LedgerWorld& world, const std::string& frame, std::string& difference) {
        const auto header = decode_header(frame, LedgerWorld::payload());
        if (!header) return false;
        if (encode(*header, LedgerWorld::payload()) != frame) difference = "it has two spellings";
        if (difference.empty()) difference = world.feed(*header);
        return true;
      });
  std::cout << fmt::format("SEED={}: {} headers, {} accepted, {} documents written\n", kSeed,
                           kFrames, accepted, written);
  CHECK(accepted > kFrames / 3);
  CHECK(written > kFrames / 100);
}

TEST_CASE(
    "a member works on what it has processors and sinks for, and hands everything else back") {
  FrameMutator dice(kSeed);
  const std::string payload = samples::payload();
  std::uint64_t worked = 0;
  std::uint64_t returned = 0;
  std::unique_ptr<MemberCore> member;
  for (std::uint64_t i = 0; i < kFrames; ++i) {
    if (i % kFramesOfAWorld == 0) {
      member = std::make_unique<MemberCore>(MemberIdentity{"t1", 7, "tcp://127.0.0.1:20001", 2},
                                            std::vector<std::string>{"p1"},
                                            std::set<std::string>{"s1", "s2"});
      member->define(samples::header().processors);
    }
    const auto header = decode_header(
        sealed_header(dice.mutate(encode(samples::header(), payload)), payload), payload);
    if (!header) continue;
    const bool fits =
        (header->condemned || header->processors == samples::header().processors) &&
        std::all_of(header->sinks.begin(), header->sinks.end(),
                    [](const std::string& sink) { return sink == "s1" || sink == "s2"; });
    INFO("SEED=" << kSeed << ", frame " << i);
    const bool accepted = member->accept(*header);
    if (accepted != fits) FAIL("expected " << fits << ", found " << accepted);
    if (accepted && dice.one_in(2)) member->started(*header);
    if (accepted) {
      dice.one_in(9) ? member->hand_back(*header, ReturnReason::kSinkUnavailable)
                     : member->passed(*header);
    }
    ++(accepted ? worked : returned);
    const Heartbeat heartbeat = member->heartbeat_for("p1");
    const auto again = decode_control(encode(ControlRecord(heartbeat), {}));
    if (!again || again->record != ControlRecord(heartbeat))
      FAIL("its heartbeat was changed on its way");
    if (dice.one_in(2)) member->told(heartbeat, "p1");
  }
  CHECK(worked > kFrames / 100);
  CHECK(returned > kFrames / 100);
}

TEST_CASE("what a payload reader gives lies within the payload, and comes to an end") {
  FrameMutator dice(kSeed);
  const std::string payload = samples::payload();
  std::uint64_t whole = 0;
  for (std::uint64_t i = 0; i < kFrames; ++i) {
    const std::string mutated = dice.mutate(payload);
    const char* const begin = mutated.data();
    const char* const end = begin + mutated.size();
    PayloadReader reader(mutated);
    Entry entry;
    std::size_t bytes = 0;
    auto more = reader.next(entry);
    INFO("SEED=" << kSeed << ", payload " << i);
    for (; more && *more; more = reader.next(entry)) {
      for (const std::string_view part : {entry.document.bytes, entry.document.notes, entry.reason,
                                          entry.document.origin.source}) {
        if (part.empty()) continue;
        if (part.data() < begin || part.data() + part.size() > end) FAIL("it lies elsewhere");
      }
      bytes += entry.document.bytes.size() + entry.document.notes.size() + entry.reason.size();
      if (bytes > mutated.size()) FAIL("it gives more than there is");
    }
    whole += more.ok() ? 1 : 0;
  }
  CHECK(whole > kFrames / 100);
  CHECK(whole < kFrames);
}
