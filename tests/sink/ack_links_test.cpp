#include "sink/ack_links.h"

#include "shared/runtime/links.h"
#include "shared/transport/pull_socket.h"
#include "tests/sink/sink_fixture.h"
#include "tests/transport/fixture.h"

namespace docmill {
namespace {

class NoKeys final : public Security {
 public:
  std::optional<CurveServer> door(Door) override { return {}; }
  Result<std::optional<CurveClient>> way_to(const std::string&) const override {
    return std::optional<CurveClient>();
  }
  bool is_from(const Frame&, Role, std::string_view, std::string_view) override { return true; }
  std::uint64_t refused() const override { return 0; }
  std::uint64_t forged() const override { return 0; }
};

constexpr std::uint32_t kDocuments = 65'536;

// Of a batch in which every second document is dead: the largest ack there is.
Ack large_ack(std::uint64_t sequence) {
  Ack ack{"s1", {9, {4, 1}, 1}, {"p1", 7}, {1, 1}, {}};
  Ack::Entry entry{sequence, 1, sequence, {}};
  for (std::uint32_t i = 0; i < kDocuments; ++i) {
    entry.settled.push_back({i, i + 1, i % 2 == 0 ? Outcome::kDelivered : Outcome::kDead});
  }
  ack.entries.push_back(std::move(entry));
  return ack;
}

TEST_CASE("acks for a producer that cannot be reached wait in 16 MiB, and the rest is dropped") {
  constexpr std::size_t kMost = 16 << 20;
  const TempFolder folder;
  const Context context = open_context();
  const std::string address = free_address(Scheme::kIpc, folder);
  PipelineConfig config;
  config.pipeline = "books";
  config.network.producers["p1"] = {.address = address};
  const NoKeys security;
  test::LinesLog log;
  AckLinks links = required(AckLinks::open(context, config, security, log));
  const Time now = SystemClock().now();
  std::size_t batches = 0;
  for (; links.dropped() == 0; ++batches) {
    REQUIRE(batches < 1000);
    links.send(large_ack(batches + 1), now);
  }
  // The largest acks of a group of 16 MiB.
  CHECK(batches > 24);

  auto producer = required(PullSocket::bind(context, address, control_link()));
  std::size_t bytes = 0;
  std::uint64_t settled = 0;
  Patience patience(producer);
  // In order: when the last one that was taken whole is here, all that waited is here.
  for (std::vector<Frame> message; settled < (batches - 1) * kDocuments;) {
    if (!producer.receive(message)) {
      patience.wait();
      continue;
    }
    bytes += message.front().size();
    const auto decoded = decode_control(message.front().bytes());
    REQUIRE(decoded.ok());
    CHECK(decoded->to == Addressee{"books", "p1"});
    for (const Ack::Entry& entry : std::get<Ack>(decoded->record).entries) {
      settled += entry.settled.size();
    }
  }
  CHECK(bytes <= kMost);
}

}  // namespace
}  // namespace docmill
