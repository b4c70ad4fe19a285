// RawMessage: what of a foreign message is the document, and what goes with it.
//
//   [ ]        empty frames in front, as REQ and DEALER send them: passed over
//   [topic]    topic: frame; or the beginning of the document, topic: prefix
//   [..][..]   one of them is the document, or all of them in a row; payload
//   [le32]     sequence: le32
//
// A byte order mark of UTF-8 and one NUL at the end are no part of a document. One thread; pure but
// for its buffers.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "shared/base/units.h"
#include "shared/config/raw_link.h"
#include "shared/document/document.h"
#include "shared/transport/frame.h"

namespace docmill {

class RawMessage {
 public:
  RawMessage(const RawReceiveConfig& config, Bytes largest) : config_(config), largest_(largest) {}

  // Looks at the message, which outlives what is asked for afterwards. kMalformed: there is no
  // document in it; its topic and sequence are known if they are there.
  Result<void> read(std::span<const Frame> message);

  std::string_view bytes() const { return bytes_; }
  Format format() const { return format_; }
  const std::optional<std::string>& topic() const { return topic_; }
  std::optional<std::uint32_t> sequence() const { return sequence_; }
  // Why the document, as it came, is a dead letter; empty when it is none.
  const std::string& fault() const { return fault_; }

 private:
  Result<void> take_sequence(std::span<const Frame>& frames);
  Result<void> take_topic(std::span<const Frame>& frames);
  Result<void> pick(std::span<const Frame> frames);
  void split_prefix();
  void expand();
  void trim();

  RawReceiveConfig config_;
  Bytes largest_;
  std::string joined_;
  std::string expanded_;
  std::string_view bytes_;
  Format format_ = Format::kBytes;
  std::optional<std::string> topic_;
  std::optional<std::uint32_t> sequence_;
  std::string fault_;
};

}  // namespace docmill
