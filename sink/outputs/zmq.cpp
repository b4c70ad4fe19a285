#include "sink/outputs/zmq.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "shared/base/clock.h"
#include "shared/config/raw_schema.h"
#include "shared/runtime/raw_outlet.h"
#include "shared/transport/poller.h"
#include "shared/transport/subscriber_queue.h"
#include "sink/publishing.h"

namespace docmill {
namespace {

// How long a sink looks at nothing else while no peer takes documents.
constexpr Duration kSlice = std::chrono::milliseconds(20);
// For what was handed over, unless the sink says otherwise.
constexpr Duration kLinger = std::chrono::seconds(5);
// How long no peer takes any before that is an error.
constexpr Duration kStuck = std::chrono::seconds(1);

// A group is sent by a PUSH before it counts as written, so that a crash repeats documents and
// loses none of those that were not handed over; by a PUB when it is committed, so that nobody sees
// what may be taken back.
class ZmqOutput final : public Output, public Publishing {
 public:
  ZmqOutput(const RawSendConfig& config, RawOutlet outlet)
      : is_push_(config.type == RawSender::kPush),
        most_(std::max(config.queue / 2, 1U)),
        outlet_(std::move(outlet)) {}
  ~ZmqOutput() override { outlet_.close(linger_); }
  ZmqOutput(const ZmqOutput&) = delete;
  ZmqOutput& operator=(const ZmqOutput&) = delete;

  void add(const DocumentId&, const DocumentView& document) override {
    group_.push_back({document.format, std::string(document.bytes), std::string(document.notes)});
  }

  Result<void> sync() override { return is_push_ ? push() : Result<void>(); }
  void marks(std::vector<FileMark>&) const override {}
  void end(Duration left) override {
    linger_ = left;
    queue_.drop_rest([this](Kept& kept, bool drop) { return send(kept, drop); });
  }
  // Or subscribers would get it in one burst.
  bool full(std::size_t waiting) const override {
    return !is_push_ && group_.size() + waiting >= most_;
  }

  Result<void> settle() override {
    if (is_push_) {
      group_.clear();
      sent_ = 0;
      return {};
    }
    const auto send_one = [this](Kept& kept, bool drop) { return send(kept, drop); };
    return queue_.settle(group_, send_one) ? Result<void>() : unavailable("");
  }
  bool sending() const override { return !queue_.empty(); }
  Result<void> serve() override {
    queue_.serve([this](Kept& kept, bool drop) { return send(kept, drop); });
    return {};
  }

 private:
  struct Kept {
    Format format;
    std::string bytes;
    std::string notes;
  };

  static DocumentView view(const Kept& kept) {
    return {.format = kept.format, .bytes = kept.bytes, .origin = {}, .notes = kept.notes};
  }

  bool send(const Kept& kept, bool drop) {
    outlet_.drop_for_slow(drop);
    return outlet_.send(view(kept));
  }

  Result<void> push() {
    const Time deadline = clock_.now() + kSlice;
    while (sent_ < group_.size()) {
      if (outlet_.send(view(group_[sent_]))) {
        ++sent_;
        stuck_since_.reset();
        continue;
      }
      const Time now = clock_.now();
      if (!stuck_since_) stuck_since_ = now;
      const Duration left = deadline - now;
      if (left <= Duration::zero()) {
        if (now - *stuck_since_ < kStuck) return unavailable("");
        return unavailable(fmt::format(
            "sink.zmq: {}: expected a peer that takes documents, found none; start it, or let it "
            "catch up",
            outlet_.addresses()));
      }
      poller_.clear();
      poller_.writable(outlet_.socket());
      // Names may get addresses meanwhile.
      poller_.wait(std::min<Duration>(left, std::chrono::milliseconds(100)));
    }
    return {};
  }

  bool is_push_;
  std::size_t most_;
  RawOutlet outlet_;
  Duration linger_ = kLinger;
  SystemClock clock_;
  SubscriberQueue<Kept> queue_{clock_};
  Poller poller_;
  std::vector<Kept> group_;
  std::size_t sent_ = 0;  // of the group
  std::optional<Time> stuck_since_;
};

Result<std::unique_ptr<Output>> open(const std::any& settings, const OutputContext& context) {
  const auto& config = std::any_cast<const RawSendConfig&>(settings);
  auto outlet = RawOutlet::open(config, *context.sockets, "sink.zmq", context.sink, context.log);
  if (!outlet) return outlet.error();
  return std::unique_ptr<Output>(std::make_unique<ZmqOutput>(config, std::move(*outlet)));
}

}  // namespace

OutputComponent zmq_output() {
  return {with_raw_send(Schema<RawSendConfig>(
              "zmq",
              "Sends each document over a raw ZeroMQ socket, as [document] or [topic][document]. "
              "push: each at least once to the socket, and the pipeline waits while nobody takes "
              "documents; pub: each once when it is committed, to who is there. Nobody answers: "
              "what ZeroMQ still holds when a process dies is lost.")),
          open};
}

}  // namespace docmill
