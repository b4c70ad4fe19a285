#include "shared/runtime/recipient.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

namespace docmill {
namespace {

constexpr const char* kReload = "reload the daemons that have not read the newest pipeline file";

std::string text_of(const BatchHeader& header) {
  return fmt::format("a message of {}", header.lineage.producer);
}

std::string text_of(const ControlRecord& record) {
  if (const auto* heartbeat = std::get_if<Heartbeat>(&record)) {
    return fmt::format("a heartbeat of {} at {}", heartbeat->member, heartbeat->address);
  }
  if (const auto* refusal = std::get_if<Refusal>(&record)) {
    return fmt::format("a refusal of {}", refusal->sink);
  }
  return fmt::format("an ack of {}", std::get<Ack>(record).sink);
}

}  // namespace

Recipient::Recipient(std::string pipeline, std::string name, Log& log, std::uint64_t incarnation)
    : pipeline_(std::move(pipeline)),
      name_(std::move(name)),
      log_(log),
      incarnation_(incarnation) {}

bool Recipient::drop(LogLevel level, const std::string& what, const std::string& why, Time now) {
  log(level, fmt::format("{} was dropped: {}", what, why), now);
  ++misrouted_;
  return false;
}

void Recipient::log(LogLevel level, const std::string& text, Time now) {
  if (const auto held_back = throttle_.due(text, now)) {
    log_.write(level, text + more_like_it(*held_back));
  }
}

bool Recipient::is_of_pipeline(const std::string& pipeline, const std::string& what, Time now) {
  if (pipeline == pipeline_) return true;
  return drop(LogLevel::kWarn, what,
              fmt::format("expected pipeline '{}', found '{}'; give each pipeline addresses and "
                          "transformer.ports of its own, and {}",
                          pipeline_, pipeline, kReload),
              now);
}

bool Recipient::takes_input(const BatchHeader& header, Time now) {
  const bool is_ours = header.pipeline == pipeline_ && header.member == incarnation_;
  if (is_ours && !header.processed) return true;
  const std::string what = text_of(header);
  if (!is_of_pipeline(header.pipeline, what, now)) return false;
  if (header.processed) {
    return drop(LogLevel::kWarn, what,
                fmt::format("expected documents of a producer, found outputs for sink '{}'; give "
                            "'{}' an address outside of transformer.ports",
                            header.sink, header.sink),
                now);
  }
  // Usual after a kill: the next transformer gets the port, and the link of the producer with it.
  return drop(LogLevel::kInfo, what,
              fmt::format("it is for a transformer that had this address before; {} sends its "
                          "batches again",
                          header.lineage.producer),
              now);
}

bool Recipient::takes_output(const BatchHeader& header, Time now) {
  // An input is malformed here, which its reader finds.
  const bool is_named = header.sink == name_ || !header.processed;
  if (header.pipeline == pipeline_ && is_named) return true;
  const std::string what = text_of(header);
  if (!is_of_pipeline(header.pipeline, what, now)) return false;
  return drop(LogLevel::kWarn, what,
              fmt::format("expected outputs for sink '{}', found outputs for '{}'; {}", name_,
                          header.sink, kReload),
              now);
}

bool Recipient::takes(const ControlMessage& message, Time now) {
  if (message.to.pipeline == pipeline_ && message.to.producer == name_) return true;
  const std::string what = text_of(message.record);
  if (!is_of_pipeline(message.to.pipeline, what, now)) return false;
  return drop(LogLevel::kWarn, what,
              fmt::format("expected one for producer '{}', found one for '{}'; {}", name_,
                          message.to.producer, kReload),
              now);
}

void Recipient::on_other_owner(const BatchHeader& header, Time now) {
  log(LogLevel::kWarn,
      fmt::format("{} was dropped: expected a batch of which '{}' is the owner, found another; run "
                  "the same docmill on all hosts",
                  text_of(header), name_),
      now);
}

}  // namespace docmill
