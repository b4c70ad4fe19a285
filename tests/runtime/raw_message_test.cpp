#include "shared/runtime/raw_message.h"

#include "shared/runtime/sequence_watch.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

using std::string_literals::operator""s;

// What one message is read as: "json(topic/7) {..}", "dead(..) bytes: reason", "none: error".
std::string read(const RawReceiveConfig& config, const std::vector<std::string>& frames) {
  std::vector<Frame> message;
  for (const std::string& frame : frames) message.push_back(Frame::copy(frame));
  RawMessage reader(config, Bytes{64});
  if (auto done = reader.read(message); !done) return "none: " + done.error().text;
  constexpr const char* kNames[] = {"bytes", "text", "xml", "json"};
  std::string text = kNames[static_cast<int>(reader.format())];
  if (reader.topic()) text += "(" + *reader.topic() + ")";
  if (reader.sequence()) text += fmt::format("#{}", *reader.sequence());
  text += " " + std::string(reader.bytes());
  return reader.fault().empty() ? text : text + ": " + reader.fault();
}

template <typename Change>
RawReceiveConfig with(Change change) {
  RawReceiveConfig config;
  change(config);
  return config;
}

struct Case {
  std::vector<std::string> frames;
  std::string found;
};

void check_all(const RawReceiveConfig& config, const std::vector<Case>& cases) {
  for (const Case& test : cases) {
    INFO(fmt::format("{}", fmt::join(test.frames, "|")));
    CHECK(read(config, test.frames) == test.found);
  }
}

TEST_CASE("without settings the last frame is the document, whatever was put around it") {
  check_all({}, {
                    {.frames = {"{}"}, .found = "json {}"},
                    {.frames = {"", "", "<a/>"}, .found = "xml <a/>"},
                    {.frames = {"topic", "[1]"}, .found = "json [1]"},
                    {.frames = {"\xEF\xBB\xBF<a/>"}, .found = "xml <a/>"},
                    {.frames = {"<a/>\0"s}, .found = "xml <a/>"},
                    {.frames = {"<\0/\0>\0"s}, .found = "xml <\0/\0>\0"s},
                    {.frames = {"plain"}, .found = "text plain"},
                    {.frames = {""}, .found = "none: expected a document, found nothing in it"},
                    {.frames = {"\0"s}, .found = "none: expected a document, found nothing in it"},
                });
}

TEST_CASE("the frame that is asked for is the document, or all of them are") {
  const std::vector<std::string> frames = {"<a>", "<b/>", "</a>"};
  using Pick = RawPayload::Pick;
  check_all(with([](auto& config) { config.payload = {Pick::kFirst, 0}; }), {{frames, "xml <a>"}});
  check_all(
      with([](auto& config) {
        config.payload = {Pick::kNumber, 2};
      }),
      {{frames, "xml <b/>"}, {{"<a/>"}, "none: expected a document in frame 2, found 1 frame"}});
  check_all(with([](auto& config) {
              config.payload = {Pick::kJoin, 0};
            }),
            {{frames, "xml <a><b/></a>"}, {{"{}"}, "json {}"}});
}

TEST_CASE("a topic is a frame, or what stands in front of the separator") {
  check_all(
      with([](auto& config) { config.topic = TopicPlace::kFrame; }),
      {{{"books", "{}"}, "json(books) {}"},
       {{"{}"}, "none: expected a topic and a document in frames of their own, found one frame"}});
  const std::string missing =
      ": expected a topic and the separator in front of the document, found none";
  check_all(
      with([](auto& config) { config.topic = TopicPlace::kPrefix; }),
      {{{"misp_json {\"a\":1}"}, "json(misp_json) {\"a\":1}"}, {{"<a/>"}, "bytes <a/>" + missing}});
  check_all(with([](auto& config) {
              config.topic = TopicPlace::kPrefix;
              config.separator = ":";
            }),
            {{{"json-minimal:{\"a\": 1}"}, "json(json-minimal) {\"a\": 1}"}});
  check_all(with([](auto& config) {
              config.subscribe = {"a", "ab"};
              config.topic = TopicPlace::kPrefix;
              config.separator = "";
            }),
            {{{"ab<c/>"}, "xml(ab) <c/>"},
             {{"<c/>"},
              "bytes <c/>: expected a topic that was subscribed to in front of the document, found "
              "none"}});
}

TEST_CASE("a sequence is the last frame, the least byte first") {
  check_all(with([](auto& config) {
              config.topic = TopicPlace::kFrame;
              config.sequence = RawSequence::kLe32;
            }),
            {{{"tx", "{}", "\x02\x01\0\0"s}, "json(tx)#258 {}"},
             {{"tx", "{}"},
              "none: expected a sequence of 4 bytes in a last frame, found 2 frames, the last of 2 "
              "bytes"}});
}

TEST_CASE("what is compressed is expanded, and what cannot be is a dead letter as it came") {
  const std::string zlib = "\x78\x9c\xb3\x49\xd4\xb7\x03\x00\x02\xb3\x01\x0b"s;  // <a/>
  const std::string gzip =
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xb3\x49\xd4\xb7\x03\x00\xd4\x1c\xd1\x01\x04\x00\x00\x00"s;
  CHECK(read(with([](auto& config) { config.inflate = RawInflate::kZlib; }), {zlib}) == "xml <a/>");
  check_all(with([](auto& config) { config.inflate = RawInflate::kAuto; }),
            {{{zlib}, "xml <a/>"},
             {{gzip}, "xml <a/>"},
             {{"<a/>"}, "xml <a/>"},
             {{"x<a/>"}, "text x<a/>"}});
  check_all(
      with([](auto& config) { config.inflate = RawInflate::kGzip; }),
      {{{zlib}, "bytes " + zlib + ": gzip: incorrect header check"},
       {{gzip.substr(0, 12)}, "bytes " + gzip.substr(0, 12) + ": gzip: cut off after 12 bytes"},
       {{gzip + "x"}, "bytes " + gzip + "x: gzip: 1 bytes behind its end"}});
}

TEST_CASE("a document that is too large is a dead letter, compressed or not") {
  const std::string large(65, 'a');
  CHECK(read({}, {large}) ==
        "bytes " + large + ": expected at most 64B (limits.document), found 65B");
  const std::string bomb =
      "\x78\x9c\x4b\x4c\xa4\x07\x00\x00\xc7\x34\x26\xa7"s;  // zlib of 102 times 'a'
  CHECK(read(with([](auto& config) { config.inflate = RawInflate::kAuto; }), {bomb}) ==
        "bytes " + bomb + ": zlib of more than 64B (limits.document)");
}

TEST_CASE("what is missing between two numbers of a topic is counted, and a new beginning is not") {
  SequenceWatch watch(2);
  CHECK(watch.look("a", 7).missed == 0);
  CHECK(watch.look("b", 100).missed == 0);
  CHECK(watch.look("a", 8).missed == 0);
  CHECK(watch.look("a", 12).missed == 3);
  CHECK(watch.look("b", 101).missed == 0);
  CHECK(watch.look("a", 0).anew);
  CHECK(watch.look("a", 1).missed == 0);
  CHECK(watch.look("around", 0xFFFFFFFF).missed == 0);  // the third topic: all are forgotten
  CHECK(watch.look("around", 0).missed == 0);
  CHECK(watch.look("a", 50).missed == 0);
}

}  // namespace
}  // namespace docmill
