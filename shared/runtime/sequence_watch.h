// SequenceWatch: what is missing of messages that are numbered, by topic.
//
// The numbers have 32 bits and go around. A number that is behind the last one is a sender that has
// begun anew, and nothing is missing then that anybody could count. One thread; a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace docmill {

class SequenceWatch {
 public:
  // Beyond so many topics, what is known of all is forgotten: what senders make up is unbounded.
  explicit SequenceWatch(std::size_t topics = 65536) : most_(topics) {}

  struct Look {
    std::uint32_t missed = 0;  // between the message before it and this one
    bool anew = false;         // its sender has begun anew, or numbers repeat
  };
  Look look(const std::string& topic, std::uint32_t sequence);

 private:
  std::size_t most_;
  std::map<std::string, std::uint32_t> next_;
};

}  // namespace docmill
