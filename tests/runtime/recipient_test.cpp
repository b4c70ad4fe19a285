#include "shared/runtime/recipient.h"

#include <chrono>
#include <functional>

#include "tests/runtime/kept_log.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

using namespace std::chrono_literals;

constexpr Time kNow = Time{} + 1h;

BatchHeader input() {
  BatchHeader header;
  header.pipeline = "books";
  header.member = 7;
  header.lineage = {"p1", 1};
  return header;
}

BatchHeader output() {
  BatchHeader header = input();
  header.member = 0;
  header.processed = true;
  header.sink = "s1";
  return header;
}

const Addressee kOurs = {"books", "p1"};

Heartbeat heartbeat() {
  Heartbeat heartbeat;
  heartbeat.member = "t1";
  heartbeat.address = "tcp://127.0.0.1:20000";
  return heartbeat;
}

struct Case {
  std::string name;
  std::function<bool(KeptLog& log)> takes;
  std::string line;  // empty: it is taken
};

bool transformer(KeptLog& log, const BatchHeader& header) {
  return Recipient("books", "t1", log, 7).takes_input(header, kNow);
}

bool sink(KeptLog& log, const BatchHeader& header) {
  return Recipient("books", "s1", log).takes_output(header, kNow);
}

bool producer(KeptLog& log, const ControlMessage& message) {
  return Recipient("books", "p1", log).takes(message, kNow);
}

template <typename Field, typename Value>
BatchHeader with(BatchHeader header, Field field, Value value) {
  header.*field = value;
  return header;
}

void check(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    INFO(one.name);
    KeptLog log;
    CHECK(one.takes(log) == one.line.empty());
    CHECK(log.lines ==
          (one.line.empty() ? std::vector<std::string>{} : std::vector<std::string>{one.line}));
  }
}

TEST_CASE("a transformer takes only what a producer of its pipeline sent to this start of it") {
  check({
      {"a batch", [](KeptLog& log) { return transformer(log, input()); }, ""},
      {"of another pipeline",
       [](KeptLog& log) {
         return transformer(log, with(input(), &BatchHeader::pipeline, "films"));
       },
       "a message of p1 was dropped: expected pipeline 'books', found 'films'; give each pipeline "
       "addresses and transformer.ports of its own, and reload the daemons that have not read the "
       "newest pipeline file"},
      {"for an earlier start",
       [](KeptLog& log) { return transformer(log, with(input(), &BatchHeader::member, 6)); },
       "a message of p1 was dropped: it is for a transformer that had this address before; p1 "
       "sends its batches again"},
      {"outputs", [](KeptLog& log) { return transformer(log, output()); },
       "a message of p1 was dropped: expected documents of a producer, found outputs for sink "
       "'s1'; give 's1' an address outside of transformer.ports"},
      {"outputs in the name of this start",
       [](KeptLog& log) { return transformer(log, with(output(), &BatchHeader::member, 7)); },
       "a message of p1 was dropped: expected documents of a producer, found outputs for sink "
       "'s1'; give 's1' an address outside of transformer.ports"},
  });
}

TEST_CASE("a sink takes only outputs of its pipeline that name it") {
  check({
      {"outputs", [](KeptLog& log) { return sink(log, output()); }, ""},
      {"of another pipeline",
       [](KeptLog& log) { return sink(log, with(output(), &BatchHeader::pipeline, "")); },
       "a message of p1 was dropped: expected pipeline 'books', found ''; give each pipeline "
       "addresses and transformer.ports of its own, and reload the daemons that have not read the "
       "newest pipeline file"},
      {"for another sink",
       [](KeptLog& log) { return sink(log, with(output(), &BatchHeader::sink, "s2")); },
       "a message of p1 was dropped: expected outputs for sink 's1', found outputs for 's2'; "
       "reload the daemons that have not read the newest pipeline file"},
      {"an input of another pipeline",
       [](KeptLog& log) { return sink(log, with(input(), &BatchHeader::pipeline, "films")); },
       "a message of p1 was dropped: expected pipeline 'books', found 'films'; give each pipeline "
       "addresses and transformer.ports of its own, and reload the daemons that have not read the "
       "newest pipeline file"},
  });
}

TEST_CASE("a producer takes only acks, refusals and heartbeats of its pipeline that name it") {
  Ack ack;
  ack.sink = "s1";
  Refusal refusal;
  refusal.sink = "s2";
  const Addressee films = {"films", "p1"};
  check({
      {"an ack",
       [&](KeptLog& log) {
         return producer(log, {kOurs, ack});
       },
       ""},
      {"a refusal",
       [&](KeptLog& log) {
         return producer(log, {kOurs, refusal});
       },
       ""},
      {"a heartbeat",
       [&](KeptLog& log) {
         return producer(log, {kOurs, heartbeat()});
       },
       ""},
      {"a heartbeat of another pipeline",
       [&](KeptLog& log) {
         return producer(log, {films, heartbeat()});
       },
       "a heartbeat of t1 at tcp://127.0.0.1:20000 was dropped: expected pipeline 'books', found "
       "'films'; give each pipeline addresses and transformer.ports of its own, and reload the "
       "daemons that have not read the newest pipeline file"},
      {"an ack of another pipeline",
       [&](KeptLog& log) {
         return producer(log, {films, ack});
       },
       "an ack of s1 was dropped: expected pipeline 'books', found 'films'; give each pipeline "
       "addresses and transformer.ports of its own, and reload the daemons that have not read the "
       "newest pipeline file"},
      {"a refusal for another producer",
       [&](KeptLog& log) {
         return producer(log, {{"books", "p2"}, refusal});
       },
       "a refusal of s2 was dropped: expected one for producer 'p1', found one for 'p2'; reload "
       "the daemons that have not read the newest pipeline file"},
  });
}

TEST_CASE("each dropped message is counted, and a minute has one line about the same") {
  KeptLog log;
  Recipient recipient("books", "s1", log);
  const BatchHeader foreign = with(output(), &BatchHeader::pipeline, "films");
  for (int i = 0; i < 100; ++i) CHECK_FALSE(recipient.takes_output(foreign, kNow + i * 1s / 2));
  CHECK(log.lines.size() == 1);
  CHECK_FALSE(recipient.takes_output(foreign, kNow + 1min));
  REQUIRE(log.lines.size() == 2);
  CHECK(log.lines[1] == log.lines[0] + " (99 more like it)");
  CHECK(recipient.misrouted() == 101);
  CHECK(recipient.takes_output(output(), kNow + 1min));
  CHECK(recipient.misrouted() == 101);
}

TEST_CASE("a batch that names a sink that does not own it is mentioned in the log") {
  KeptLog log;
  Recipient recipient("books", "s1", log);
  recipient.on_other_owner(output(), kNow);
  recipient.on_other_owner(output(), kNow);
  CHECK(log.lines == std::vector<std::string>{
                         "a message of p1 was dropped: expected a batch of which 's1' is the "
                         "owner, found another; run the same docmill on all hosts"});
}

}  // namespace
}  // namespace docmill
