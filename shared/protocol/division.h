// Division: what a transformer makes of a keyed batch, as the messages that go to the sinks.
//
// All outputs of an input stay together, at the sink that owns their key; what has no key - it was
// filtered, or is a dead letter, or nobody has noted one - goes to the owner of the batch. Each
// input of the share is in one message. What decides is in the header and in the outputs, and
// nothing else, so that every attempt divides alike. Not thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/base/units.h"
#include "shared/protocol/header.h"
#include "shared/protocol/payload.h"

namespace docmill {

class Division {
 public:
  struct Message {
    std::string sink;
    BatchHeader header;  // of the batch, with the share that is in the payload
    std::string payload;
  };

  // header: of a keyed batch, as it came; it must outlive the division. largest: of a payload.
  Division(const BatchHeader& header, Bytes largest);

  // What became of an input: `made` is a payload with entries of this index only. Outputs with
  // different keys make it a dead letter: they cannot all be at the sink of their key.
  void add(std::uint32_t index, const DocumentView& input, std::string_view made);
  // A condemned input that every sink of the list voids.
  void add_void(std::uint32_t index);

  // The messages that are full, to be sent before more is added.
  std::vector<Message> take_full() { return std::exchange(full_, {}); }
  // All that are left; none is empty.
  std::vector<Message> take_rest();

 private:
  struct Part {
    PayloadWriter payload;
    Share share;
  };

  Part& part_for(const std::string& sink, std::uint32_t index, std::size_t bytes);
  void close(std::size_t sink);

  const BatchHeader& header_;
  Bytes largest_;
  std::vector<Part> parts_;  // by the place of the sink in the list
  std::vector<Message> full_;
};

}  // namespace docmill
