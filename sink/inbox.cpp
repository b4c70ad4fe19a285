#include "sink/inbox.h"

#include "sink/incoming_batch.h"

namespace docmill {

std::optional<BatchHeader> Inbox::take(const std::vector<Frame>& message, Time now) {
  auto header = read_incoming(message);
  if (!header) {
    drop(header.error().text);
    return std::nullopt;
  }
  if (!recipient_.takes_output(*header, now)) return std::nullopt;
  if (const auto whole = expect_outputs(*header, message[1].bytes()); !whole) {
    drop(whole.error().text);
    return std::nullopt;
  }
  return std::move(*header);
}

void Inbox::on_contradiction(const BatchHeader& header) { drop(contradiction_text(header)); }

void Inbox::drop(const std::string& why) {
  if (malformed_++ == 0) log_.warn("a message was dropped: {}", why);
}

}  // namespace docmill
