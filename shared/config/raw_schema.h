// The fields of raw links, for every schema that has them: sources and outputs with a few of their
// own, and the two ends of a transformer.
#pragma once

#include "shared/config/raw_link.h"
#include "shared/config/schema.h"

namespace docmill {

std::optional<std::string> raw_bind_problem(const std::string& text);
std::optional<std::string> raw_connect_problem(const std::string& text);
std::optional<std::string> raw_resolve_problem(const Duration& time);
// What is wrong with the fields as a whole.
std::optional<std::string> raw_receive_problem(const RawReceiveConfig& config);
std::optional<std::string> raw_send_problem(const RawSendConfig& config);
Schema<RawCurve> raw_curve_schema();

// Where the other end is; of both directions. T has the members of Base, which is one of them.
template <typename Base, typename T>
Schema<T> with_raw_peers(Schema<T> schema) {
  return std::move(schema)
      .field("bind", static_cast<std::vector<std::string> T::*>(&Base::bind),
             "Addresses to bind, one or several.", check(raw_bind_problem),
             example("\"tcp://127.0.0.1:5557\""))
      .field("connect", static_cast<std::vector<std::string> T::*>(&Base::connect),
             "Addresses to connect to, one or several. A name with several addresses is all of "
             "them.",
             check(raw_connect_problem), example("\"tcp://feed.example.org:5557\""))
      .exactly_one({"bind", "connect"});
}

template <typename Base, typename T>
Schema<T> with_raw_limits(Schema<T> schema) {
  return std::move(schema)
      .field("queue", static_cast<std::uint32_t T::*>(&Base::queue),
             "Messages that ZeroMQ may hold for each connection.", at_least(1), at_most(1'000'000))
      .field("resolve", static_cast<Duration T::*>(&Base::resolve),
             "How often names are looked up anew, to follow their addresses.",
             check(raw_resolve_problem))
      .field("insecure", static_cast<bool T::*>(&Base::insecure),
             "True: an address that other machines can reach may be bound without keys.")
      .nested("curve", static_cast<std::optional<RawCurve> T::*>(&Base::curve), raw_curve_schema());
}

template <typename T>
Schema<T> with_raw_receive(Schema<T> schema) {
  using Config = RawReceiveConfig;
  auto fields =
      with_raw_peers<Config>(
          std::move(schema).field("type", static_cast<RawReceiver T::*>(&Config::type),
                                  "The socket: pull takes a share, sub what it subscribed to."))
          .field("subscribe", static_cast<std::vector<std::string> T::*>(&Config::subscribe),
                 "What messages begin with that a sub wants, one or several; without it all.",
                 example("books"))
          .field("topic", static_cast<TopicPlace T::*>(&Config::topic),
                 "Where a message has its topic, which becomes the note topic: its first frame, or "
                 "the beginning of its document.")
          .field("separator", static_cast<std::string T::*>(&Config::separator),
                 "What ends a topic that is a prefix. Empty: the topic is what was subscribed to.")
          .field("payload", static_cast<RawPayload T::*>(&Config::payload),
                 "Which frame is the document, of those that are no topic and no sequence.")
          .field("sequence", static_cast<RawSequence T::*>(&Config::sequence),
                 "le32: the last frame counts the messages of a topic, in 4 bytes, the least "
                 "first; it becomes the note sequence, and what is missing is counted.")
          .field("inflate", static_cast<RawInflate T::*>(&Config::inflate),
                 "How documents are compressed; auto looks at each, and takes others as they are.")
          .field("format", static_cast<RawFormat T::*>(&Config::format),
                 "What a document is; auto looks at its first character.")
          .field("frames", static_cast<std::uint32_t T::*>(&Config::frames),
                 "Most frames of a message; one with more is dropped and counted.", at_least(1),
                 at_most(1024));
  return with_raw_limits<Config>(std::move(fields)).consistent([](const T& config) {
    return raw_receive_problem(config);
  });
}

template <typename T>
Schema<T> with_raw_send(Schema<T> schema) {
  using Config = RawSendConfig;
  auto fields =
      with_raw_peers<Config>(
          std::move(schema).field("type", static_cast<RawSender T::*>(&Config::type),
                                  "The socket: push gives each document to one peer, pub to all."))
          .field("topic", static_cast<TopicPlace T::*>(&Config::topic),
                 "Where a message has its topic: in a frame of its own, or in front of the "
                 "document.")
          .field("topic_name", static_cast<std::string T::*>(&Config::topic_name),
                 "The topic, of all documents or of those without the note.", example("books"))
          .field("topic_note", static_cast<std::string T::*>(&Config::topic_note),
                 "The note that is a document's topic: route or key, which the processors of "
                 "these names make, or topic, which came with it.",
                 one_of<std::string>({"route", "key", "topic"}), example("route"))
          .field("separator", static_cast<std::string T::*>(&Config::separator),
                 "What ends a topic that is a prefix.")
          .field("sequence", static_cast<RawSequence T::*>(&Config::sequence),
                 "le32: a last frame counts the messages of each topic from 0, in 4 bytes, the "
                 "least first.");
  return with_raw_limits<Config>(std::move(fields)).consistent([](const T& config) {
    return raw_send_problem(config);
  });
}

}  // namespace docmill
