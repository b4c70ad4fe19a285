#include "tests/config/catalog.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

// The first line after minimal() is line 4.
struct Case {
  std::string more;
  std::string findings;
  Counts counts = {};
};

std::string lines(const std::string& findings) {
  return findings.empty() ? "" : "books.yaml:" + findings + "\n";
}

void check_all(const std::vector<Case>& cases) {
  for (const Case& test : cases) {
    INFO(test.more);
    CHECK(findings_of(minimal(test.more), test.counts) == lines(test.findings));
  }
}

std::string network(const std::string& producers, const std::string& sinks) {
  return "security: { insecure: true }\nnetwork:\n  producers: " + producers +
         "\n  sinks: " + sinks + "\n";
}

const std::string kOpen =
    "is open to other machines; add 'security: {curve: {keys: keys}}', or 'security: {insecure: "
    "true}' where that network is trusted, or bind 127.0.0.1";

std::string outside(const std::string& port) {
  return "must have a port outside of transformer.ports, which transformers take, got '" + port +
         "' of 20000-20999; choose another port, or other transformer.ports";
}

TEST_CASE("Missing sections are found") {
  CHECK(findings_of("") ==
        "books.yaml:1: pipeline: missing, and required; for example 'pipeline: books'\n"
        "books.yaml:1: producer: missing, and required\n"
        "books.yaml:1: sink: missing, and required\n");
  CHECK(findings_of("pipeline: books\nproducer:\nsink:\n  order: any\n") ==
        "books.yaml:2: producer.source: missing, and required\n"
        "books.yaml:3: sink.outputs: missing, and required\n");
  CHECK(findings_of("- a\n") == "books.yaml:1: must be a mapping of fields, got a list\n");
}

TEST_CASE("A wrong field of the pipeline file is found") {
  check_all({
      {.more = "transfromer: {}",
       .findings = "4: transfromer: unknown field; did you mean 'transformer'?"},
      {.more = "pipeline: b",
       .findings = "4: pipeline: given twice, first in line 1; keep one of them"},
      {.more = "transformer: { workers: 0 }",
       .findings = "4: transformer.workers: must be at least 1, got '0'"},
      {.more = "transformer: { processors: [ to_jsno: {} ] }",
       .findings =
           "4: transformer.processors[0].to_jsno: unknown processor; did you mean 'to_json'?"},
      {.more = "transformer:\n  processors:\n    set: { path: a, value: b }\n",
       .findings =
           "5: transformer.processors: must be a list, got a mapping; begin each entry with '- '"},
      {.more = "transformer: { advertise: \"a:1\" }",
       .findings =
           "4: transformer.advertise: must be a host that producers can connect to, without "
           "a port, got 'a:1'"},
      {.more = "transformer: { advertise: 0.0.0.0 }",
       .findings =
           "4: transformer.advertise: must be a host that producers can connect to, without "
           "a port, got '0.0.0.0'"},
      {.more = "transformer: { ports: 32000-33000 }",
       .findings = "4: transformer.ports: must have a port below 32768, got '33000'; the kernel "
                   "hands out the ports from there up"},
      {.more = "transformer:\n  workers: 3\n  ports: 20000-20001\n",
       .findings = "6: transformer.ports: must hold a port for each of 3 workers, got 2"},
      {.more = "security: { curve: { keys: keys/ } }", .findings = ""},
      {.more = "security: { curve: {} }",
       .findings = "4: security.curve.keys: missing, and required; for example 'keys: keys'"},
      {.more = "security: { curve: { keys: keys }, insecure: true }",
       .findings = "4: security: must be insecure or have curve, got both; take 'insecure' out"},
      {.more = "limits: { processing: 999ms }",
       .findings = "4: limits.processing: must be at least 1s, or 0s for no limit, got '999ms'"},
      {.more = "limits: { processing: 0s }", .findings = ""},
      {.more = "shutdown_timeout: 0s",
       .findings = "4: shutdown_timeout: must be at least 100ms, got '0s'"},
      {.more = "shutdown_timeout: 2s", .findings = ""},
      {.more = "limits: { document: 64 }",
       .findings = "4: limits.document: must be a size with a unit (B, KB, MB, GB, KiB, MiB, GiB), "
                   "such as 64MiB, got '64'"},
      {.more = "state: /" + std::string(100, 'a'),
       .findings =
           "4: state: too long for the socket of p1: must have a path of at most 107 bytes, "
           "got 120; use a shorter one"},
  });
  CHECK(findings_of(
            "pipeline: My Books\nproducer: { source: generate }\n"
            "sink: { outputs: [], order: sorted, partition: keys, early: { batches: 0 } }\n") ==
        "books.yaml:1: pipeline: must be 1 to 32 of a-z, 0-9 and -, got 'My Books'\n"
        "books.yaml:3: sink.outputs: must have at least one output, got none\n"
        "books.yaml:3: sink.order: must be any or source, got 'sorted'\n"
        "books.yaml:3: sink.partition: must be batch or key, got 'keys'; did you mean 'key'?\n"
        "books.yaml:3: sink.early.batches: must be at least 1, got '0'\n");
}

TEST_CASE("A window above what can be multiplied by the threads of all members is found") {
  CHECK(
      findings_of("pipeline: books\nproducer: { source: generate, window: { bytes: 6291456TiB } }\n"
                  "sink: { outputs: [ ndjson: { path: \"out/{sink}.ndjson\" } ] }\n") ==
      "books.yaml:2: producer.window.bytes: must be at most 1TiB, got '6291456TiB'\n");
}

TEST_CASE("A partition by key that cannot be kept is found") {
  const std::string keyed =
      "pipeline: books\nproducer: { source: generate }\nsink:\n  outputs: [ ndjson: { path: "
      "out/a.ndjson } ]\n  partition: key\n";
  const std::string no_key =
      "books.yaml:5: sink.partition: must have a processor that notes the key; add '- key: {path: "
      "PATH}' to transformer.processors\n";
  CHECK(findings_of(keyed) == no_key);
  CHECK(findings_of(keyed + "  order: source\n") ==
        "books.yaml:5: sink.partition: must not be key beside 'order: source', which is kept batch "
        "by batch; take one of them out\n" +
            no_key);
  CHECK(findings_of(keyed + "transformer: { processors: [ key: { path: \"@id\" } ] }\n") == "");
  CHECK(findings_of(keyed + "transformer: { processors: [ key: { paht: \"@id\" } ] }\n")
            .find("must have a processor") == std::string::npos);
}

TEST_CASE("A network whose parts do not fit is found") {
  const std::string s1 = "{ s1: \"tcp://10.0.0.9:5560\" }";
  const std::string p1 = "{ p1: \"tcp://10.0.0.1:5550\" }";
  check_all({
      {.more = network(p1, s1), .findings = ""},
      {.more = "network:",
       .findings = "4: network.producers: missing, and required; for example 'producers: {p1: "
                   "\"tcp://10.0.0.1:5550\"}'\n"
                   "books.yaml:4: network.sinks: missing, and required; for example 'sinks: {s1: "
                   "\"tcp://10.0.0.9:5560\"}'"},
      {.more = network("{}", s1),
       .findings = "6: network.producers: must have at least one that is active, got none"},
      {.more = network("{ p1: { address: \"tcp://10.0.0.1:5550\", state: draining } }", s1),
       .findings = "6: network.producers: must have at least one that is active, got none"},
      {.more = network("{ p1: { state: gone } }", s1),
       .findings = "6: network.producers.p1.state: must be active or draining, got 'gone'\n"
                   "books.yaml:6: network.producers.p1.address: missing, and required; for example "
                   "'address: \"tcp://10.0.0.1:5550\"'"},
      {.more = network("{ P_1: \"tcp://10.0.0.1:5550\" }", s1),
       .findings = "6: network.producers.P_1: its name must be 1 to 32 of a-z, 0-9 and -"},
      {.more = network("{ s1: \"tcp://10.0.0.1:5550\" }", s1),
       .findings = "7: network.sinks.s1: is also a producer; every daemon needs a name of its own"},
      {.more = network("{ p1: \"inproc://a\" }", s1),
       .findings = "6: network.producers.p1: must begin with tcp:// or ipc://, got 'inproc://a'; "
                   "inproc cannot cross processes"},
      {.more = network("{ p1: \"tcp://10.0.0.1:40000\" }", s1),
       .findings = "6: network.producers.p1: must have a port below 32768, got '40000'; the kernel "
                   "hands out the ports from there up"},
      {.more = network("{ p1: \"tcp://*:5550\" }", s1),
       .findings = "6: network.producers.p1: must be an address that others can connect to, got "
                   "'tcp://*:5550'; name the host"},
      {.more = network("{ p1: \"tcp://10.0.0.9:5560\" }", s1),
       .findings = "7: network.sinks.s1: already bound at network.producers.p1; each needs an "
                   "address of its own"},
      {.more = network(p1, s1),
       .findings = "6: network.producers: names 1, but 2 were asked for; "
                   "leave the number out",
       .counts = {.producers = 2}},
      {.more = network("{ p1: \"tcp://10.0.0.1:20000\" }", "{ s1: \"tcp://10.0.0.9:20999\" }"),
       .findings = "6: network.producers.p1: " + outside("20000") +
                   "\nbooks.yaml:7: network.sinks.s1: " + outside("20999")},
      {.more = network("{ p1: \"tcp://10.0.0.1:19999\" }", "{ s1: \"tcp://10.0.0.9:21000\" }"),
       .findings = ""},
      {.more = network("{ p1: \"ipc://run/p1\" }", "{ s1: \"ipc://run/s1\" }"), .findings = ""},
      {.more = network(p1, s1), .findings = "", .counts = {.producers = 1, .sinks = 1}},
      {.more = "network:\n  producers: " + p1 + "\n  sinks: { s1: \"tcp://127.0.0.1:5560\" }\n",
       .findings = "5: network.producers.p1: " + kOpen},
      {.more = "transformer: { advertise: 10.0.0.7 }",
       .findings = "4: transformer.advertise: " + kOpen},
      {.more = "transformer: { advertise: 10.0.0.7 }\nsecurity: { curve: { keys: keys } }",
       .findings = ""},
      {.more = "security: { insecure: true, x: 1 }\ntransformer: { advertise: 10.0.0.7 }",
       .findings = "4: security.x: unknown field; known are insecure, curve"},
  });
}

std::string with_publish(const std::string& bind, const std::string& more = "") {
  return "pipeline: books\nproducer: { source: generate }\nsink:\n"
         "  outputs: [ ndjson: { path: \"out/{sink}.ndjson\" } ]\n  publish: " +
         bind + "\n" + more;
}

TEST_CASE("An address to publish at that cannot work is found") {
  const std::string peers =
      network("{ p1: \"tcp://10.0.0.1:5550\" }", "{ s1: \"tcp://10.0.0.9:5560\" }");
  const std::string one_host =
      network("{ p1: \"tcp://10.0.0.1:5550\" }",
              "{ s1: \"tcp://10.0.0.9:5560\", s2: \"tcp://10.0.0.9:5561\" }");
  const std::string shared =
      "sink.publish.bind: several sinks of one machine would bind it; use an ipc address with "
      "{sink} in it";
  const std::vector<Case> cases = {
      {.more = with_publish("{ bind: \"tcp://127.0.0.1:21000\" }"), .findings = ""},
      {.more = with_publish("{ bind: \"tcp://*:21000\" }"),
       .findings = "5: sink.publish.bind: " + kOpen},
      {.more = with_publish("{ bind: \"tcp://*:21000\" }", "security: { insecure: true }\n"),
       .findings = ""},
      {.more = with_publish("{ bind: \"tcp://*:21000\" }", "security: { curve: { keys: k } }\n"),
       .findings = ""},
      {.more = with_publish("{ bind: \"tcp://10.0.0.1:5550\" }", peers),
       .findings = "5: sink.publish.bind: already bound at network.producers.p1; each needs an "
                   "address of its own"},
      {.more = with_publish("{ bind: \"tcp://10.0.0.1:20500\" }", peers),
       .findings = "5: sink.publish.bind: " + outside("20500")},
      {.more = with_publish("{ bind: \"tcp://*:5560\" }", peers),
       .findings = "5: sink.publish.bind: already bound at network.sinks.s1; each needs an address "
                   "of its own"},
      {.more = with_publish("{ bind: \"tcp://127.0.0.1:21000\" }"),
       .findings = "5: " + shared,
       .counts = {.sinks = 2}},
      {.more = with_publish("{ bind: \"tcp://10.0.0.9:21000\" }", one_host),
       .findings = "5: " + shared},
      {.more = with_publish("{ bind: \"ipc://state/{sink}.pub\" }"),
       .findings = "",
       .counts = {.sinks = 2}},
      {.more = with_publish("{ bind: \"inproc://a\", connect: \"ipc://b\" }"),
       .findings = "5: sink.publish.bind: must begin with tcp:// or ipc://, got 'inproc://a'; "
                   "inproc cannot cross processes\n"
                   "books.yaml:5: sink.publish.connect: unknown field; known are bind, topic",
       .counts = {.sinks = 2}},
  };
  for (const Case& test : cases) {
    INFO(test.more);
    CHECK(findings_of(test.more, test.counts) == lines(test.findings));
  }
}

TEST_CASE("A route that the last route processor notes and no output takes is found") {
  const auto yaml = [](const std::string& processors, const std::string& other) {
    return "pipeline: books\nproducer: { source: generate }\ntransformer:\n  processors: " +
           processors +
           "\nsink: { outputs: [ ndjson: { path: a, route: [new, old] }, ndjson: " + other +
           " ] }\n";
  };
  const std::string used = "{ path: b, route: used }";
  const std::vector<Case> cases = {
      {.more = yaml("[ to_json ]", used), .findings = ""},
      {.more = yaml("[ route: { value: old }, to_json ]", used), .findings = ""},
      {.more = yaml("[ route: { value: odl } ]", used),
       .findings = "4: transformer.processors[0].route.value: must be a route that an output takes "
                   "(new, old or used), got 'odl'"},
      {.more = yaml("[ route: { value: odl }, route: { default: usde } ]", used),
       .findings = "4: transformer.processors[1].route.default: must be a route that an output "
                   "takes (new, old or used), got 'usde'"},
      {.more = yaml("[ route: { value: odl }, route: { value: used } ]", used), .findings = ""},
      {.more = yaml("[ route: { value: odl } ]", "{ path: b }"), .findings = ""},
  };
  for (const Case& test : cases) {
    INFO(test.more);
    CHECK(findings_of(test.more) == lines(test.findings));
  }
}

TEST_CASE("Several daemons never share a path") {
  const auto yaml = [](const std::string& source, const std::string& output,
                       const std::string& dead) {
    return "pipeline: books\nproducer:\n  source: " + source +
           "\nsink:\n  outputs:\n    - ndjson: " + output + "\n  dead_letters: " + dead + "\n";
  };
  const Counts two{.producers = 2, .sinks = 2};
  CHECK(findings_of(yaml("{ files: { path: 'in/{producer}/*' } }", "{ path: 'out/{sink}' }",
                         "'dead/{sink}'"),
                    two) == "");
  CHECK(findings_of(yaml("{ files: { path: in/* } }", "{ path: out }", "dead")) == "");
  CHECK(findings_of(yaml("{ files: { path: in/*, claims: claims } }", "{ path: 'out/{sink}' }",
                         "'dead/{sink}'"),
                    two) == "");
  CHECK(findings_of(yaml("{ files: { path: in/* } }", "{ path: out }", "dead"), two) ==
        "books.yaml:3: producer.source.files.path: must contain {producer} because there are 2 "
        "producers, got 'in/*'; or add 'claims: FOLDER', and they share it\n"
        "books.yaml:6: sink.outputs[0].ndjson.path: must contain {sink} because there are 2 sinks, "
        "got 'out'\n"
        "books.yaml:7: sink.dead_letters: must contain {sink} because there are 2 sinks, got "
        "'dead'\n");
  CHECK(findings_of(yaml("{ files: ['in/{producer}', in] }", "{ path: 'out/{sink}' }", "'{sink}'"),
                    two) ==
        "books.yaml:3: producer.source.files: must be a mapping of fields, got a list\n");
  CHECK(findings_of(yaml("{ files: { path: ['in/{producer}', in] } }", "{ path: 'out/{sink}' }",
                         "'{sink}'"),
                    two) ==
        "books.yaml:3: producer.source.files.path[1]: must contain {producer} because there are 2 "
        "producers, got 'in'; or add 'claims: FOLDER', and they share it\n");
  CHECK(findings_of(yaml("{ files: in/* }", "{ path: 'out/{sink}' }", "'{sink}'"), two) ==
        "books.yaml:3: producer.source.files: must contain {producer} because there are 2 "
        "producers, got 'in/*'; or add 'claims: FOLDER', and they share it\n");
}

}  // namespace
}  // namespace docmill::test
