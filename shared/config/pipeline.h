// PipelineConfig: a whole pipeline file, parsed and checked.
//
// The same file goes to every host; a daemon reads its section and knows only its own components.
// Values. Nothing here opens a socket or makes a folder.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/units.h"
#include "shared/config/address.h"
#include "shared/config/component.h"
#include "shared/config/findings.h"
#include "shared/config/raw_link.h"
#include "shared/config/test_config.h"

namespace docmill {

struct BatchConfig {
  std::uint32_t documents = 1024;
  Bytes bytes = {256 << 10};
};

struct WindowConfig {
  std::uint32_t batches = 1024;
  Bytes bytes = {64 << 20};
};

struct ProducerConfig {
  Component source;
  BatchConfig batch;
  WindowConfig window;
};

// In place of producers: where a transformer takes documents from, one by one.
struct TransformerInput {
  RawReceiveConfig zmq;
};

// In place of sinks: where it sends what becomes of them.
struct TransformerOutput {
  RawSendConfig zmq;
};

struct TransformerConfig {
  std::optional<TransformerInput> input;  // both or neither
  std::optional<TransformerOutput> output;
  std::uint32_t workers = 1;
  std::string advertise = "127.0.0.1";
  PortRange ports;
  std::vector<Component> processors;
};

struct PublishConfig {
  std::string bind;
  std::string topic;
};

enum class Order { kAny, kSource };

// What goes to one sink, where there are several.
enum class Partition { kBatch, kKey };

// What may wait for its turn.
struct EarlyConfig {
  std::uint32_t batches = 1024;
  Bytes bytes = {64 << 20};
};

struct SinkConfig {
  std::vector<Component> outputs;
  std::optional<PublishConfig> publish;
  std::filesystem::path dead_letters = "dead/{sink}.ndjson";
  Partition partition = Partition::kBatch;
  Order order = Order::kAny;
  EarlyConfig early;
};

struct LimitsConfig {
  Bytes document = {64 << 20};
  std::uint32_t depth = 512;
  Duration processing = std::chrono::minutes(1);  // zero: for ever
};

struct CurveConfig {
  std::filesystem::path keys;
};

struct SecurityConfig {
  bool insecure = false;
  std::optional<CurveConfig> curve;
};

enum class XmlParser { kStrict, kLenient };
constexpr std::array<std::pair<std::string_view, XmlParser>, 2> enum_names(XmlParser) {
  return {{{"strict", XmlParser::kStrict}, {"lenient", XmlParser::kLenient}}};
}

enum class XmlDtd { kInternal, kReject };
constexpr std::array<std::pair<std::string_view, XmlDtd>, 2> enum_names(XmlDtd) {
  return {{{"internal", XmlDtd::kInternal}, {"reject", XmlDtd::kReject}}};
}

struct XmlConfig {
  XmlParser parser = XmlParser::kStrict;
  XmlDtd dtd = XmlDtd::kInternal;
};

enum class PeerState { kActive, kDraining };

// A producer or a sink as the others find it: a producer's control socket, a sink's data socket.
struct PeerConfig {
  std::string address;
  PeerState state = PeerState::kActive;
  bool operator==(const PeerConfig&) const = default;
};

struct NetworkConfig {
  std::map<std::string, PeerConfig> producers;
  std::map<std::string, PeerConfig> sinks;
};

struct PipelineConfig {
  std::string pipeline;
  std::filesystem::path state = "state";
  Duration shutdown_timeout = std::chrono::seconds(5);
  ProducerConfig producer;
  TransformerConfig transformer;
  SinkConfig sink;
  LimitsConfig limits;
  XmlConfig xml;
  SecurityConfig security;
  NetworkConfig network;  // always complete after loading
  bool is_local = true;   // the file has no `network`: ipc sockets under the state folder
  std::vector<TestConfig> tests;

  // Only transformers, between raw links: there are no producers and no sinks.
  bool is_raw() const { return transformer.input.has_value(); }
};

// What a program knows. A null set: its section is checked for shape only. Without `tests` that
// section is passed over, whatever it says: a daemon starts where the files of the tests are not.
// The sets must outlive the call.
struct ComponentSets {
  const ComponentSet* sources = nullptr;
  const ComponentSet* processors = nullptr;
  const ComponentSet* outputs = nullptr;
  bool tests = false;
};

// Of one role: a batch lists the sinks, and their number has one byte.
inline constexpr std::size_t kMaxPeers = 255;

// How many there shall be; 0 leaves it to the file, which means one where it has no `network`.
struct Counts {
  std::size_t producers = 0;
  std::size_t sinks = 0;
};

// Nothing, and at least one finding, when the file cannot be used; then exit 78.
std::optional<PipelineConfig> load_pipeline(const std::filesystem::path& file,
                                            const ComponentSets& sets, const Counts& counts,
                                            Findings& findings);
// The same for text that is already in memory. name: the file's name in the findings.
std::optional<PipelineConfig> parse_pipeline(std::string_view text, const std::string& name,
                                             const ComponentSets& sets, const Counts& counts,
                                             Findings& findings);

// "ipc://STATE/sockets/p1.control": the socket of that name and role on a pipeline of one machine.
std::string local_address(const std::filesystem::path& state, std::string_view name,
                          std::string_view role);
// Producers p1, p2 ... (role control) and sinks s1, s2 ... (role data) on one machine.
NetworkConfig local_network(const std::filesystem::path& state, std::size_t producers,
                            std::size_t sinks);

// 1 to 32 of a-z, 0-9 and -: what pipelines, producers and sinks may be called.
bool is_name(std::string_view text);

// The path with every {placeholder} replaced: ("out/{sink}/a", "sink", "s1") is "out/s1/a".
std::filesystem::path expand(const std::filesystem::path& path, std::string_view placeholder,
                             std::string_view name);

// Markdown: the file's own fields with a sample of all of it, then every component.
std::string pipeline_reference(const ComponentSets& sets);
// The commented sample of a whole file. It loads with these sets, which must not be empty.
std::string pipeline_sample(const ComponentSets& sets);

}  // namespace docmill
