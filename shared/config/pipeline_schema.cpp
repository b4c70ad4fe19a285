#include "shared/config/pipeline_schema.h"

#include "shared/config/largest.h"
#include "shared/config/raw_schema.h"
#include "shared/config/test_schema.h"

namespace docmill {

constexpr std::array<EnumName<Order>, 2> enum_names(Order) {
  return {{{"any", Order::kAny}, {"source", Order::kSource}}};
}

constexpr std::array<EnumName<Partition>, 2> enum_names(Partition) {
  return {{{"batch", Partition::kBatch}, {"key", Partition::kKey}}};
}

constexpr std::array<EnumName<PeerState>, 2> enum_names(PeerState) {
  return {{{"active", PeerState::kActive}, {"draining", PeerState::kDraining}}};
}

namespace {

using namespace literals;
using Problem = std::optional<std::string>;

Problem name_problem(const std::string& text) {
  if (is_name(text)) return std::nullopt;
  return "must be 1 to 32 of a-z, 0-9 and -, got " + quote(text);
}

Problem address_problem(const std::string& text) {
  const Result<Address> address = parse_address(text);
  return address ? std::nullopt : Problem(address.error().text);
}

Problem advertise_problem(const std::string& text) {
  if (is_host(text) && !Address{.host = text, .path = {}}.is_wildcard()) return std::nullopt;
  return "must be a host that producers can connect to, without a port, got " + quote(text);
}

Problem security_problem(const SecurityConfig& security) {
  if (!security.insecure || !security.curve) return std::nullopt;
  return "must be insecure or have curve, got both; take 'insecure' out";
}

// What is shorter is not told from a machine that is busy.
Problem processing_problem(const Duration& time) {
  if (time == Duration::zero() || time >= std::chrono::seconds(1)) return std::nullopt;
  return "must be at least 1s, or 0s for no limit, got '" + to_string(time) + "'";
}

Problem outputs_problem(const std::vector<Component>& outputs) {
  if (!outputs.empty()) return std::nullopt;
  return "must have at least one output, got none";
}

constexpr const char* kRawReceive = "A raw ZeroMQ socket that receives; each message a document.";
constexpr const char* kRawSend = "A raw ZeroMQ socket that sends; each document a message.";

Schema<ProducerConfig> producer_schema(const ComponentSet* sources) {
  return Schema<ProducerConfig>("producer", "Where documents come from.")
      .field("source", &ProducerConfig::source, "What the producer reads.", required, from(sources))
      .nested("batch", &ProducerConfig::batch,
              Schema<BatchConfig>("batch", "When a batch is full and travels.")
                  .field("documents", &BatchConfig::documents, "Most documents in a batch.",
                         at_least(1), at_most(65536))
                  .field("bytes", &BatchConfig::bytes,
                         "Most bytes in a batch; a larger document travels alone.", at_least(1_KiB),
                         at_most(kLargestBatch)))
      .nested("window", &ProducerConfig::window,
              Schema<WindowConfig>(
                  "window", "How much may be under way and unacknowledged; the back-pressure.")
                  .field("batches", &WindowConfig::batches, "Most batches under way.", at_least(1),
                         at_most(65536))
                  .field("bytes", &WindowConfig::bytes, "Most bytes under way.", at_least(1_KiB),
                         at_most(kLargestWindow)));
}

Schema<TransformerConfig> transformer_schema(const ComponentSet* processors) {
  return Schema<TransformerConfig>("transformer", "What happens to documents on their way.")
      .nested("input", &TransformerConfig::input,
              Schema<TransformerInput>("input",
                                       "Where documents come from when there is no producer; at "
                                       "most once.")
                  .nested("zmq", &TransformerInput::zmq,
                          with_raw_receive(Schema<RawReceiveConfig>("zmq", kRawReceive)), required))
      .nested("output", &TransformerConfig::output,
              Schema<TransformerOutput>("output",
                                        "Where documents go when there is no sink; at most once.")
                  .nested("zmq", &TransformerOutput::zmq,
                          with_raw_send(Schema<RawSendConfig>("zmq", kRawSend)), required))
      .field("workers", &TransformerConfig::workers, "Threads; each works on its own batches.",
             at_least(1), at_most(256))
      .field("advertise", &TransformerConfig::advertise,
             "Host under which producers reach this machine.", check(advertise_problem))
      .field(
          "ports", &TransformerConfig::ports,
          "Ports of which each transformer takes one, where the pipeline has a network. No other "
          "daemon may have an address with one of them.")
      .field("processors", &TransformerConfig::processors,
             "Steps in the order in which a document takes them; without any it passes as it is.",
             from(processors));
}

Schema<SinkConfig> sink_schema(const ComponentSet* outputs) {
  return Schema<SinkConfig>("sink", "Where documents go.")
      .field("outputs", &SinkConfig::outputs,
             "What the sink writes; each gets every document, unless its `route` says which.",
             required, from(outputs), check(outputs_problem))
      .nested("publish", &SinkConfig::publish,
              Schema<PublishConfig>(
                  "publish", "A PUB socket that sends each committed document, at most once.")
                  .field("bind", &PublishConfig::bind, "Address to bind.", required,
                         check(address_problem), example("tcp://127.0.0.1:21000"))
                  .field("topic", &PublishConfig::topic,
                         "First frame of each message; without it the document is the only frame.",
                         example("books")))
      .field(
          "dead_letters", &SinkConfig::dead_letters,
          "File for documents that could not be processed, with the reason. Pipelines that run in "
          "one folder each need one of their own.")
      .field("partition", &SinkConfig::partition,
             "What goes to one sink of several; key: all documents of one key, noted by the "
             "processor key, from all producers, so that one sink can count, sort or replace them. "
             "What has no key goes with its batch.")
      .field("order", &SinkConfig::order,
             "Order in which documents are written; source: those of each producer in the order in "
             "which it read them.")
      .nested("early", &SinkConfig::early,
              Schema<EarlyConfig>("early",
                                  "With order: source, how much may wait for its turn, of all "
                                  "producers; what is more is dropped and sent again.")
                  .field("batches", &EarlyConfig::batches, "Batches.", at_least(1))
                  .field("bytes", &EarlyConfig::bytes, "Bytes of their documents.",
                         at_least(Bytes{1})));
}

Schema<PeerConfig> peer_schema() {
  return Schema<PeerConfig>("peer", "An address, or an address and a state.")
      .field("address", &PeerConfig::address, "Address that it binds and others connect to.",
             required, check(address_problem), example("tcp://10.0.0.1:5550"))
      .field("state", &PeerConfig::state, "What it may still be given; draining retires it.")
      .shorthand("address");
}

Schema<NetworkConfig> network_schema() {
  const auto some = [](const std::map<std::string, PeerConfig>& peers) -> Problem {
    if (peers.size() > kMaxPeers) {
      return "must have at most " + std::to_string(kMaxPeers) + ", got " +
             std::to_string(peers.size());
    }
    for (const auto& [name, peer] : peers) {
      if (peer.state == PeerState::kActive) return std::nullopt;
    }
    return "must have at least one that is active, got none";
  };
  return Schema<NetworkConfig>("network",
                               "The fixed tiers of a pipeline on several machines; without it one "
                               "machine, with ipc sockets under the state folder.")
      .nested("producers", &NetworkConfig::producers, peer_schema(), required, check(some),
              example("{p1: \"tcp://10.0.0.1:5550\"}"))
      .nested("sinks", &NetworkConfig::sinks, peer_schema(), required, check(some),
              example("{s1: \"tcp://10.0.0.9:5560\"}"));
}

}  // namespace

Schema<PipelineConfig> pipeline_schema(const ComponentSets& sets, bool raw) {
  return Schema<PipelineConfig>("", "A pipeline.")
      .field(
          "pipeline", &PipelineConfig::pipeline,
          "Name of the pipeline. Each message carries it, and a daemon drops messages of another "
          "pipeline, so pipelines that can reach each other need different names.",
          required, check(name_problem), example("books"))
      .field("state", &PipelineConfig::state,
             "Folder for checkpoint, spool and ledger; one sub-folder for each daemon.")
      .field("shutdown_timeout", &PipelineConfig::shutdown_timeout,
             "How long a daemon may take to end after SIGTERM, and a reload to finish what is in "
             "flight. Unfinished work is redone at the next start.",
             at_least(Duration(std::chrono::milliseconds(100))),
             at_most(Duration(std::chrono::hours(1))))
      .nested("producer", &PipelineConfig::producer, producer_schema(sets.sources),
              required_if(!raw))
      .nested("transformer", &PipelineConfig::transformer, transformer_schema(sets.processors))
      .nested("sink", &PipelineConfig::sink, sink_schema(sets.outputs), required_if(!raw))
      .nested("limits", &PipelineConfig::limits,
              Schema<LimitsConfig>("limits", "What a document may be at most.")
                  .field("document", &LimitsConfig::document, "Size of a document.",
                         at_least(1_KiB), at_most(kLargestDocument))
                  .field("depth", &LimitsConfig::depth, "Levels of nesting in a document.",
                         at_least(1), at_most(4096))
                  .field("processing", &LimitsConfig::processing,
                         "Time that the processors may take for a document; a transformer that "
                         "needs longer ends itself, which the document is blamed for, and after "
                         "some deaths it is a dead letter. 0s is for ever.",
                         check(processing_problem)))
      .nested("xml", &PipelineConfig::xml,
              Schema<XmlConfig>("xml", "How XML is read.")
                  .field("parser", &XmlConfig::parser,
                         "lenient: what is no XML is read as far as it can be, and noted as "
                         "parser: lenient. Records are always cut strictly.")
                  .field("dtd", &XmlConfig::dtd,
                         "internal: entities and defaults of a DOCTYPE's internal subset hold; "
                         "reject: a document with a DOCTYPE is refused. Nothing external is ever "
                         "fetched."))
      .nested("security", &PipelineConfig::security,
              Schema<SecurityConfig>("security", "Who may connect.")
                  .field("insecure", &SecurityConfig::insecure,
                         "True: sockets that others can reach are open to all of them.")
                  .nested("curve", &SecurityConfig::curve,
                          Schema<CurveConfig>("curve",
                                              "All links of the pipeline are encrypted, and only "
                                              "holders of known keys are let in.")
                              .field("keys", &CurveConfig::keys,
                                     "Folder of the keys, which docmill keygen makes: the secret "
                                     "one of the daemon, the public ones of all.",
                                     required, example("keys")),
                          example("{keys: keys}"))
                  .consistent(security_problem))
      .nested("network", &PipelineConfig::network, network_schema())
      .nested("tests", &PipelineConfig::tests, test_schema(),
              example("[{input: <catalog/>, output: {catalog: null}}]"));
}

}  // namespace docmill
