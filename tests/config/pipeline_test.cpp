#include "shared/config/pipeline.h"

#include <fstream>

#include "tests/config/catalog.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

using namespace literals;

std::string processors_of(const PipelineConfig& config) {
  return canonical_text(config.transformer.processors);
}

constexpr const char* kBooks = R"(pipeline: books
state: state                            # folder for checkpoint, spool, ledger
producer:
  source:
    files: { path: "incoming/{producer}/*.xml", split: /catalog/book }
  batch: { documents: 100, bytes: 128KiB }
  window: { batches: 10, bytes: 1MiB }
transformer:
  workers: 2
  advertise: 10.0.0.7
  ports: 22000-22999
  processors:
    - set: { path: price, value: "12.00" }
    - to_json: { force_list: [author] }
sink:
  outputs:
    - ndjson: { path: "out/{sink}/books.ndjson" }
  publish: { bind: "tcp://127.0.0.1:21000", topic: books }
  dead_letters: "out/dead.ndjson"
  order: any
limits: { document: 32MiB, depth: 100 }
xml: { parser: lenient, dtd: reject }
security: { insecure: true }
network:
  producers: { p1: "tcp://10.0.0.1:5550", p2: { address: "tcp://10.0.0.2:5550", state: draining } }
  sinks: { s1: "tcp://10.0.0.9:5560" }
tests:
  - input: <catalog/>
    output: { catalog: null }
)";

std::optional<PipelineConfig> parse(const std::string& yaml, const Counts& counts = {}) {
  const Catalog catalog;
  Findings findings;
  auto config = parse_pipeline(yaml, "books.yaml", catalog.sets(), counts, findings);
  CHECK(findings.text() == "");
  return config;
}

TEST_CASE("A whole pipeline file is read") {
  const auto config = parse(kBooks);
  REQUIRE(config.has_value());
  CHECK(config->pipeline == "books");
  CHECK(config->producer.source.key == "files");
  CHECK(std::any_cast<FilesConfig>(config->producer.source.config).split == "/catalog/book");
  CHECK(config->producer.batch.documents == 100);
  CHECK(config->producer.window.bytes == 1_MiB);
  CHECK(config->transformer.ports == PortRange{22000, 22999});
  REQUIRE(config->transformer.processors.size() == 2);
  CHECK(config->transformer.processors[1].key == "to_json");
  CHECK(config->sink.publish->topic == "books");
  CHECK(config->limits.document == 32_MiB);
  CHECK(config->xml.parser == XmlParser::kLenient);
  CHECK(config->xml.dtd == XmlDtd::kReject);
  CHECK_FALSE(config->is_local);
  CHECK(config->network.producers.at("p1") ==
        PeerConfig{"tcp://10.0.0.1:5550", PeerState::kActive});
  CHECK(config->network.producers.at("p2").state == PeerState::kDraining);
  REQUIRE(config->tests.size() == 1);
  CHECK(config->tests[0].input.all[0].node.text == "<catalog/>");
  CHECK(config->tests[0].line == 28);
}

TEST_CASE("The shortest pipeline has the defaults of the design") {
  const auto config = parse(minimal());
  REQUIRE(config.has_value());
  CHECK(config->state == "state");
  CHECK(config->producer.batch.documents == 1024);
  CHECK(config->producer.batch.bytes == 256_KiB);
  CHECK(config->producer.window.batches == 1024);
  CHECK(config->producer.window.bytes == 64_MiB);
  CHECK(config->transformer.workers == 1);
  CHECK(config->transformer.ports == PortRange{20000, 20999});
  CHECK(config->transformer.processors.empty());
  CHECK(config->limits.document == 64_MiB);
  CHECK(config->limits.depth == 512);
  CHECK(config->xml.parser == XmlParser::kStrict);
  CHECK(config->xml.dtd == XmlDtd::kInternal);
  CHECK(config->sink.dead_letters == "dead/{sink}.ndjson");
}

TEST_CASE("Without a network the daemons meet at ipc sockets under the state folder") {
  const auto config = parse(minimal("state: /var/lib/books\n"), {.producers = 2, .sinks = 1});
  REQUIRE(config.has_value());
  CHECK(config->is_local);
  CHECK(config->network.producers ==
        std::map<std::string, PeerConfig>{{"p1", {"ipc:///var/lib/books/sockets/p1.control"}},
                                          {"p2", {"ipc:///var/lib/books/sockets/p2.control"}}});
  CHECK(config->network.sinks ==
        std::map<std::string, PeerConfig>{{"s1", {"ipc:///var/lib/books/sockets/s1.data"}}});
}

TEST_CASE("A daemon that knows only its own components reads the file of all") {
  const Catalog catalog;
  Findings findings;
  const auto config =
      parse_pipeline(kBooks, "books.yaml", {.outputs = &catalog.outputs}, {}, findings);
  CHECK(findings.text() == "");
  REQUIRE(config.has_value());
  CHECK(config->producer.source.key == "files");
  CHECK_FALSE(config->producer.source.config.has_value());
  CHECK(config->sink.outputs[0].config.has_value());
  CHECK(processors_of(*config) == processors_of(*parse(kBooks)));
}

TEST_CASE("The canonical text of the processors follows them and nothing else") {
  const auto text = [](const std::string& more) { return processors_of(*parse(minimal(more))); };
  const std::string one = "transformer: { processors: [ to_json: { force_list: [a] } ] }\n";
  CHECK(text(one) ==
        text("transformer:\n  workers: 2\n  processors:\n    - to_json:\n        force_list:\n"
             "          - a  # always\n"));
  CHECK(text(one) != text("transformer: { processors: [ to_json: { force_list: [b] } ] }\n"));
  CHECK(text(one) != text(""));
}

TEST_CASE("The processors read back from their canonical text") {
  const Catalog catalog;
  const auto config = parse(kBooks);
  const std::string text = processors_of(*config);
  CHECK(text == R"([{"set": {"path": "price", "value": "12.00"}}, )"
                R"({"to_json": {"force_list": ["author"]}}])");
  const auto again = parse_components(text, catalog.processors);
  REQUIRE(again.ok());
  CHECK(canonical_text(*again) == text);
  CHECK(std::any_cast<ToJsonConfig>((*again)[1].config).force_list ==
        std::vector<std::string>{"author"});
  CHECK(processors_of(*parse(minimal())) == "[]");
}

TEST_CASE("A pipeline file is loaded from disk, and one that is missing is a finding") {
  const auto file = std::filesystem::temp_directory_path() / "docmill-pipeline-test.yaml";
  std::ofstream(file) << kBooks;
  const Catalog catalog;
  Findings findings;
  CHECK(load_pipeline(file, catalog.sets(), {}, findings).has_value());
  std::filesystem::remove(file);
  CHECK_FALSE(load_pipeline(file, catalog.sets(), {}, findings).has_value());
  CHECK(findings.text() == file.string() +
                               ": cannot be read: no such file or directory; give the path of a "
                               "pipeline file\n");
}

TEST_CASE("A placeholder in a path becomes the daemon's name") {
  CHECK(expand("out/{sink}/{sink}.ndjson", "sink", "s1") == "out/s1/s1.ndjson");
  CHECK(expand("{sink}{sink}", "sink", "{sink}") == "{sink}{sink}");
  CHECK(expand("out/a", "sink", "s1") == "out/a");
}

}  // namespace
}  // namespace docmill::test
