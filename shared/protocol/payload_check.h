// PayloadCheck: decodes the header of a message while its payload is hashed a part at a time.
//
// The hash of a message covers its payload, and hashing hundreds of MiB takes seconds on a busy
// machine. A caller with deadlines, such as heartbeats, keeps them between two parts.
// The frame and the payload outlive the check. One thread; a resource.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "shared/base/hash.h"
#include "shared/protocol/header.h"

namespace docmill {

class PayloadCheck {
 public:
  PayloadCheck(std::string_view frame, std::string_view payload);

  // Hashes the next part, which takes a few milliseconds; true when the whole payload is hashed.
  bool advance();
  // Call it when advance() has returned true. The same as decode_header().
  Result<BatchHeader> header() const;

 private:
  std::string_view frame_;
  std::string_view left_;  // of the payload, not hashed yet
  std::optional<RunningHash> hash_;
  std::uint64_t payload_hash_ = 0;
};

}  // namespace docmill
