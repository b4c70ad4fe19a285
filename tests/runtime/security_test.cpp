// Who gets through which door of a pipeline, with real sockets, and what the log says of the rest.
#include "shared/runtime/security.h"

#include "shared/transport/poller.h"
#include "shared/transport/pull_socket.h"
#include "shared/transport/push_socket.h"
#include "tests/runtime/kept_log.h"
#include "tests/store/temp_folder.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

constexpr SocketLimits kLimits = {
    .frames = 1, .frame = {64 << 10}, .buffer = {64 << 10}, .messages = 8};
constexpr Duration kDeadline = std::chrono::seconds(20);

// p1, s1 and t1 have keys here; a listener may listen, and a stranger is not known.
struct Place {
  Place() {
    for (const std::string name : {"p1", "s1", "t1", "t2"}) make(folder.path(), name);
    make(folder / "subscribers", "listener");
    pairs["stranger"] = make_key_pair();
    config.network = {.producers = {{"p1", {.address = "tcp://127.0.0.1:5550"}}},
                      .sinks = {{"s1", {.address = "tcp://127.0.0.1:5560"}}}};
    config.security.curve = CurveConfig{folder.path()};
  }

  void make(const std::filesystem::path& where, const std::string& name) {
    pairs[name] = make_key_pair();
    REQUIRE(write_key_pair(where, name, pairs[name]));
  }

  TempFolder folder;
  KeptLog log;
  PipelineConfig config;
  std::map<std::string, KeyPair> pairs;
};

// A daemon with one door, and a peer with the key of `name` that knocks there.
struct Visit {
  Visit(Place& place, const KeyHolder& host, Door door, const std::string& name) {
    auto context = Context::open();
    auto outside = Context::open();
    REQUIRE(context);
    REQUIRE(outside);
    auto opened = Security::open(*context, place.config, host, place.log);
    REQUIRE(opened);
    security = std::move(*opened);
    const std::string address = "ipc://" + place.folder / "socket";
    auto bound = PullSocket::bind(*context, address, kLimits, security->door(door));
    REQUIRE(bound);
    pull.emplace(std::move(*bound));
    auto connected = PushSocket::connect(
        *outside, address, kLimits,
        CurveClient{place.pairs.at(name), place.pairs.at(host.name).public_key});
    REQUIRE(connected);
    push.emplace(std::move(*connected));
    Frame frame = Frame::copy("hello");
    push->send(frame);
  }

  // True: the message came. False: the peer was refused.
  bool comes_through() {
    const auto deadline = SystemClock().now() + kDeadline;
    Poller poller;
    poller.readable(*pull);
    while (!pull->receive(message)) {
      if (security->refused() > 0) return false;
      REQUIRE(SystemClock().now() < deadline);
      poller.wait(std::chrono::milliseconds(10));
    }
    return true;
  }

  std::unique_ptr<Security> security;
  std::optional<PullSocket> pull;
  std::optional<PushSocket> push;
  std::vector<Frame> message;
};

TEST_CASE("each door is open to the roles that have something to say there, and to no others") {
  const KeyHolder producer{"p1", Role::kProducer}, sink{"s1", Role::kSink};
  const KeyHolder member{"t1", Role::kTransformer};
  struct Case {
    KeyHolder host;
    Door door;
    std::string host_text;
    std::string open_to;  // of: producer, sink, transformer, listener
  };
  const std::vector<Case> cases = {
      {.host = producer, .door = Door::kControl, .host_text = "a producer", .open_to = "s1 t2"},
      {.host = member, .door = Door::kBatches, .host_text = "a transformer", .open_to = "p1"},
      {.host = sink, .door = Door::kResults, .host_text = "a sink", .open_to = "t2"},
      {.host = sink,
       .door = Door::kPublished,
       .host_text = "what a sink publishes",
       .open_to = "listener"},
  };
  const std::map<std::string, std::string> roles = {
      {"p1", "producer"}, {"s1", "sink"}, {"t2", "transformer"}, {"listener", "subscriber"}};
  for (const Case& test : cases) {
    for (const auto& [name, role] : roles) {
      INFO(name << " at " << test.host_text);
      Place place;
      Visit visit(place, test.host, test.door, name);
      const bool open = test.open_to.find(name) != std::string::npos;
      REQUIRE(visit.comes_through() == open);
      const auto lines = place.log.kept();
      if (open) {
        CHECK(visit.message.front().sender() == name);
        CHECK(lines.empty());
        continue;
      }
      REQUIRE(lines.size() == 1);
      CHECK(lines[0].starts_with(name + " at localhost:"));
      CHECK(lines[0].ends_with(" was refused: a " + role + " has nothing to say to " +
                               test.host_text +
                               "; look at the addresses under 'network', and at the name of its "
                               "key"));
    }
  }
}

TEST_CASE("a stranger is refused, and its key named") {
  Place place;
  Visit visit(place, {"p1", Role::kProducer}, Door::kControl, "stranger");
  REQUIRE_FALSE(visit.comes_through());
  const auto lines = place.log.kept();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("a peer at localhost:"));
  CHECK(lines[0].ends_with(" was refused: no file of " + place.folder.path().string() +
                           " has its key " + place.pairs.at("stranger").public_key +
                           "; put the key there, as NAME.public, if it is one of yours"));
}

TEST_CASE("a message says who it is from, and only that one may say so") {
  Place place;
  Visit visit(place, {"p1", Role::kProducer}, Door::kControl, "t1");
  REQUIRE(visit.comes_through());
  const Frame& frame = visit.message.front();
  Security& security = *visit.security;
  CHECK(security.is_from(frame, Role::kTransformer, "t1", "a heartbeat of"));
  CHECK(security.forged() == 0);
  CHECK_FALSE(security.is_from(frame, Role::kTransformer, "t2", "a heartbeat of"));
  CHECK_FALSE(security.is_from(frame, Role::kTransformer, "", "a heartbeat of"));
  CHECK_FALSE(security.is_from(frame, Role::kSink, "s1", "an ack of"));
  CHECK_FALSE(security.is_from(frame, Role::kSink, "t1", "an ack of"));
  CHECK(security.forged() == 4);
  const std::string cure =
      "; where nobody can tell why, take that key away: remove " + place.folder / "t1.public";
  CHECK(
      place.log.kept() ==
      std::vector<std::string>{"a heartbeat of 't2' was dropped: it came with the key of t1" + cure,
                               "an ack of 's1' was dropped: it came with the key of t1" + cure});
  // Without a sender nothing is believed, not even an empty name.
  CHECK_FALSE(security.is_from(Frame(), Role::kTransformer, "", "a heartbeat of"));
}

TEST_CASE("without curve everybody may say everything, and nothing is asked for") {
  Place place;
  place.config.security.curve.reset();
  const auto context = Context::open();
  const auto security =
      Security::open(*context, place.config, {"nobody", Role::kTransformer}, place.log);
  REQUIRE(security);
  CHECK_FALSE((*security)->door(Door::kControl));
  const auto way = (*security)->way_to("nobody");
  REQUIRE(way);
  CHECK_FALSE(*way);
  CHECK((*security)->is_from(Frame(), Role::kSink, "s1", "an ack of"));
}

}  // namespace
}  // namespace docmill
