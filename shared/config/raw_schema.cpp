#include "shared/config/raw_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "shared/config/findings.h"
#include "shared/config/open_address.h"

namespace docmill {
namespace {

using Problem = std::optional<std::string>;

constexpr Duration kLeastResolve = std::chrono::seconds(1);

template <typename Config>
Problem reach_problem(const Config& config) {
  for (const std::string& text : config.bind) {
    const auto address = parse_address(text);
    if (!address || config.insecure) continue;
    const auto open = open_problem(*address, "add 'insecure: true'");
    if (open) return fmt::format("bind: {} {}", text, *open);
  }
  if (config.curve && config.connect.empty()) {
    return "curve: keys of a server are for a link that connects; take it out, or connect";
  }
  if (config.bind.empty() && config.connect.empty()) return "must have an address, got none";
  return std::nullopt;
}

}  // namespace

Result<RawPayload> ScalarType<RawPayload>::parse(const std::string& text) {
  if (text == "first") return RawPayload{RawPayload::Pick::kFirst, 0};
  if (text == "last") return RawPayload{RawPayload::Pick::kLast, 0};
  if (text == "join") return RawPayload{RawPayload::Pick::kJoin, 0};
  std::uint32_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size() || number == 0) {
    return config_error(fmt::format("must be {}, got {}", name(), quote(text)));
  }
  return RawPayload{RawPayload::Pick::kNumber, number};
}

std::string ScalarType<RawPayload>::write(const RawPayload& payload) {
  switch (payload.pick) {
    case RawPayload::Pick::kFirst:
      return "first";
    case RawPayload::Pick::kLast:
      return "last";
    case RawPayload::Pick::kJoin:
      return "join";
    case RawPayload::Pick::kNumber:
      return std::to_string(payload.number);
  }
  return {};
}

std::optional<std::string> raw_bind_problem(const std::string& text) {
  const auto address = parse_address(text);
  return address ? std::nullopt : Problem(address.error().text);
}

std::optional<std::string> raw_connect_problem(const std::string& text) {
  const auto address = parse_peer_address(text);
  if (!address) return address.error().text;
  if (!address->is_wildcard()) return std::nullopt;
  return fmt::format("must be an address to connect to, got {}; name the host", quote(text));
}

std::optional<std::string> raw_resolve_problem(const Duration& time) {
  if (time >= kLeastResolve) return std::nullopt;
  return fmt::format("must be at least {}, got '{}'", to_string(kLeastResolve), to_string(time));
}

std::optional<std::string> raw_receive_problem(const RawReceiveConfig& config) {
  if (auto problem = reach_problem(config)) return problem;
  if (config.type == RawReceiver::kPull && !config.subscribe.empty()) {
    return "subscribe: a pull takes what it is given; take it out, or say 'type: sub'";
  }
  if (config.topic == TopicPlace::kPrefix && config.separator.empty() && config.subscribe.empty()) {
    return "separator: without one the topic is what was subscribed to; add 'subscribe: [TOPIC]'";
  }
  if (config.sequence != RawSequence::kNone && config.connect.size() > 1) {
    return "sequence: the counters of several peers cannot be told apart; connect to one of them";
  }
  const std::uint32_t least = (config.topic == TopicPlace::kFrame ? 1 : 0) +
                              (config.sequence != RawSequence::kNone ? 1 : 0) +
                              std::max(config.payload.number, 1U);
  if (config.frames < least) {
    return fmt::format(
        "frames: must be at least {}, so that a message has its document, topic and sequence, got "
        "'{}'",
        least, config.frames);
  }
  return std::nullopt;
}

std::optional<std::string> raw_send_problem(const RawSendConfig& config) {
  if (auto problem = reach_problem(config)) return problem;
  const bool named = !config.topic_name.empty() || !config.topic_note.empty();
  if (config.topic == TopicPlace::kNone && named) {
    return "topic: a topic needs its place; add 'topic: frame', or 'topic: prefix'";
  }
  if (config.topic != TopicPlace::kNone && !named) {
    return "topic: which one; add 'topic_name: NAME', or 'topic_note: route'";
  }
  return std::nullopt;
}

Schema<RawCurve> raw_curve_schema() {
  return Schema<RawCurve>("curve", "The keys of a link that is encrypted.")
      .field("keys", &RawCurve::keys, "Folder of the keys.", required, example("keys"))
      .field("name", &RawCurve::name, "Our own pair: NAME.secret and NAME.public.", required,
             example("p1"))
      .field("server", &RawCurve::server, "Whom we connect to: NAME.public.", required,
             example("feed"));
}

}  // namespace docmill
