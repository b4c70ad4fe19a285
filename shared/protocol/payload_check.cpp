#include "shared/protocol/payload_check.h"

#include <algorithm>

#include "shared/base/check.h"

namespace docmill {
namespace {

constexpr std::size_t kPart = 8 << 20;

}  // namespace

PayloadCheck::PayloadCheck(std::string_view frame, std::string_view payload)
    : frame_(frame), left_(payload) {}

bool PayloadCheck::advance() {
  if (!hash_ && left_.size() <= kPart) {
    payload_hash_ = hash64(left_);
    left_ = {};
    return true;
  }
  if (!hash_) hash_.emplace();
  hash_->add(left_.substr(0, kPart));
  left_.remove_prefix(std::min(kPart, left_.size()));
  if (!left_.empty()) return false;
  payload_hash_ = hash_->value();
  return true;
}

Result<BatchHeader> PayloadCheck::header() const {
  DOCMILL_CHECK(left_.empty(), "{} bytes are not hashed", left_.size());
  return decode_hashed_header(frame_, payload_hash_);
}

}  // namespace docmill
