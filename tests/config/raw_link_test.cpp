#include "shared/config/raw_link.h"

#include "shared/config/raw_schema.h"
#include "shared/config/yaml.h"
#include "tests/config/catalog.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

struct Case {
  std::string fields;
  std::string finding;  // behind "zmq: ", or with the name of a field
};

template <typename Config>
std::string finding_of(const Schema<Config>& schema, const std::string& fields) {
  Findings findings;
  const Place place(findings, "a.yaml");
  schema.parse(*parse_yaml("{ " + fields + " }", place), place.at("zmq"));
  return findings.text();
}

const std::string kAt = "a.yaml:1: zmq";

TEST_CASE("a raw link that receives is checked as a whole") {
  const auto schema = with_raw_receive(Schema<RawReceiveConfig>("zmq", "Receives."));
  const std::vector<Case> cases = {
      {"bind: \"tcp://127.0.0.1:5557\"", ""},
      {"connect: [\"tcp://a.example.org:50001\", \"ipc://feed\"], type: sub, subscribe: a", ""},
      {"bind: \"ipc://{producer}.socket\"", ""},
      {"type: sub", ": must have one of bind or connect, got neither"},
      {"bind: []", ": must have an address, got none"},
      {"type: push, bind: \"ipc://a\"",
       ".type: must be pull or sub, got 'push'; did you mean 'pull'?"},
      {"bind: \"tcp://127.0.0.1:50001\"",
       ".bind: must have a port below 32768, got '50001'; the kernel hands out the ports from "
       "there up"},
      {"connect: \"tcp://feed:65536\"", ".connect: must have a port from 1 to 65535, got '65536'"},
      {"connect: \"udp://feed:1\"",
       ".connect: must begin with tcp:// or ipc://, got 'udp://feed:1'"},
      {"connect: \"tcp://*:5557\"",
       ".connect: must be an address to connect to, got 'tcp://*:5557'; name the host"},
      {"bind: \"tcp://*:5557\"",
       ": bind: tcp://*:5557 is open to other machines; add 'insecure: true' where that network is "
       "trusted, or bind 127.0.0.1"},
      {"bind: \"tcp://*:5557\", insecure: true", ""},
      {"bind: \"ipc://a\", subscribe: b",
       ": subscribe: a pull takes what it is given; take it out, or say 'type: sub'"},
      {"type: sub, bind: \"ipc://a\", topic: prefix, separator: \"\"",
       ": separator: without one the topic is what was subscribed to; add 'subscribe: [TOPIC]'"},
      {"type: sub, connect: [\"ipc://a\", \"ipc://b\"], sequence: le32",
       ": sequence: the counters of several peers cannot be told apart; connect to one of them"},
      {"bind: \"ipc://a\", payload: 0",
       ".payload: must be first, last, join or a number from 1, got '0'"},
      {"bind: \"ipc://a\", payload: 2, frames: 2, resolve: 5s", ""},
      {"bind: \"ipc://a\", topic: frame, sequence: le32, frames: 3", ""},
      {"bind: \"ipc://a\", topic: frame, sequence: le32, payload: 2, frames: 3",
       ": frames: must be at least 4, so that a message has its document, topic and sequence, got "
       "'3'"},
      {"bind: \"ipc://a\", resolve: 1ms", ".resolve: must be at least 1s, got '1ms'"},
      {"bind: \"ipc://a\", curve: {keys: k, name: a, server: b}",
       ": curve: keys of a server are for a link that connects; take it out, or connect"},
  };
  for (const Case& test : cases) {
    INFO(test.fields);
    CHECK(finding_of(schema, test.fields) ==
          (test.finding.empty() ? "" : kAt + test.finding + "\n"));
  }
}

TEST_CASE("a raw link that sends is checked as a whole") {
  const auto schema = with_raw_send(Schema<RawSendConfig>("zmq", "Sends."));
  const std::vector<Case> cases = {
      {"type: pub, bind: \"ipc://a\", topic: frame, topic_note: route, topic_name: other", ""},
      {"type: pull, bind: \"ipc://a\"",
       ".type: must be push or pub, got 'pull'; did you mean 'push'?"},
      {"bind: \"ipc://a\", topic_name: books",
       ": topic: a topic needs its place; add 'topic: frame', or 'topic: prefix'"},
      {"bind: \"ipc://a\", topic: prefix",
       ": topic: which one; add 'topic_name: NAME', or 'topic_note: route'"},
      {"bind: \"ipc://a\", topic: frame, topic_note: price",
       ".topic_note: must be route, key or topic, got 'price'"},
  };
  for (const Case& test : cases) {
    INFO(test.fields);
    CHECK(finding_of(schema, test.fields) ==
          (test.finding.empty() ? "" : kAt + test.finding + "\n"));
  }
}

const std::string kEnds =
    "transformer:\n  input: { zmq: { connect: \"ipc://a\" } }\n  output: { zmq: { bind: "
    "\"ipc://b\" "
    "} }\n";

TEST_CASE("a file with raw links at both ends of its transformer needs no producer and no sink") {
  CHECK(findings_of("pipeline: books\n" + kEnds).empty());
}

TEST_CASE("raw links have both ends, and stand in place of the other stages") {
  CHECK(findings_of("pipeline: books\ntransformer:\n  input: { zmq: { bind: \"ipc://a\" } }\n") ==
        "books.yaml:2: transformer.output: missing, and required beside transformer.input\n");
  const std::string stead =
      "has no place beside transformer.input and transformer.output, which are in its stead; take "
      "it out, or them\n";
  CHECK(findings_of(minimal(kEnds)) ==
        "books.yaml:2: producer: " + stead + "books.yaml:3: sink: " + stead);
}

}  // namespace
}  // namespace docmill::test
