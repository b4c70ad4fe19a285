// A raw link, as a pipeline file declares it: a ZeroMQ socket whose other end is somebody else's
// program. Which messages come and go, and what of a message is the document.
//
// Values. docs/raw-links.md tells what each field is for.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/units.h"
#include "shared/config/scalar.h"

namespace docmill {

enum class RawReceiver { kPull, kSub };
constexpr std::array<EnumName<RawReceiver>, 2> enum_names(RawReceiver) {
  return {{{"pull", RawReceiver::kPull}, {"sub", RawReceiver::kSub}}};
}

enum class RawSender { kPush, kPub };
constexpr std::array<EnumName<RawSender>, 2> enum_names(RawSender) {
  return {{{"push", RawSender::kPush}, {"pub", RawSender::kPub}}};
}

// Where a message has its topic.
enum class TopicPlace { kNone, kFrame, kPrefix };
constexpr std::array<EnumName<TopicPlace>, 3> enum_names(TopicPlace) {
  return {{{"none", TopicPlace::kNone},
           {"frame", TopicPlace::kFrame},
           {"prefix", TopicPlace::kPrefix}}};
}

// A counter of the messages of a topic: the last frame.
enum class RawSequence { kNone, kLe32 };
constexpr std::array<EnumName<RawSequence>, 2> enum_names(RawSequence) {
  return {{{"none", RawSequence::kNone}, {"le32", RawSequence::kLe32}}};
}

enum class RawInflate { kNone, kGzip, kZlib, kAuto };
constexpr std::array<EnumName<RawInflate>, 4> enum_names(RawInflate) {
  return {{{"none", RawInflate::kNone},
           {"gzip", RawInflate::kGzip},
           {"zlib", RawInflate::kZlib},
           {"auto", RawInflate::kAuto}}};
}

enum class RawFormat { kAuto, kXml, kJson, kText };
constexpr std::array<EnumName<RawFormat>, 4> enum_names(RawFormat) {
  return {{{"auto", RawFormat::kAuto},
           {"xml", RawFormat::kXml},
           {"json", RawFormat::kJson},
           {"text", RawFormat::kText}}};
}

// Which of the frames that are left is the document: the first, the last, the n-th from 1, or all
// of them, one behind the other.
struct RawPayload {
  enum class Pick { kFirst, kLast, kNumber, kJoin };
  Pick pick = Pick::kLast;
  std::uint32_t number = 0;
  bool operator==(const RawPayload&) const = default;
};

template <>
struct ScalarType<RawPayload> {
  static std::string name() { return "first, last, join or a number from 1"; }
  static Result<RawPayload> parse(const std::string& text);
  static std::string write(const RawPayload& payload);
};

// With whose keys a link is encrypted: this daemon's own pair, and the public key of the peer that
// it connects to.
struct RawCurve {
  std::filesystem::path keys;
  std::string name;
  std::string server;
};

struct RawReceiveConfig {
  RawReceiver type = RawReceiver::kPull;
  std::vector<std::string> bind;
  std::vector<std::string> connect;
  std::vector<std::string> subscribe;
  TopicPlace topic = TopicPlace::kNone;
  std::string separator = " ";
  RawPayload payload;
  RawSequence sequence = RawSequence::kNone;
  RawInflate inflate = RawInflate::kNone;
  RawFormat format = RawFormat::kAuto;
  std::uint32_t frames = 64;
  std::uint32_t queue = 1000;
  Duration resolve = std::chrono::seconds(30);
  bool insecure = false;
  std::optional<RawCurve> curve;
};

struct RawSendConfig {
  RawSender type = RawSender::kPush;
  std::vector<std::string> bind;
  std::vector<std::string> connect;
  TopicPlace topic = TopicPlace::kNone;
  std::string topic_name;
  std::string topic_note;
  std::string separator = " ";
  RawSequence sequence = RawSequence::kNone;
  std::uint32_t queue = 1000;
  Duration resolve = std::chrono::seconds(30);
  bool insecure = false;
  std::optional<RawCurve> curve;
};

}  // namespace docmill
