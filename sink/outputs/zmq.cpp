#include "sink/outputs/zmq.h"

#include <fmt/format.h>

#include <chrono>

#include "shared/base/clock.h"
#include "shared/config/raw_schema.h"
#include "shared/runtime/raw_outlet.h"
#include "shared/transport/poller.h"

namespace docmill {
namespace {

// How long a sink looks at nothing else while nobody takes documents.
constexpr Duration kPatience = std::chrono::seconds(1);
// What was handed over goes on its way at an orderly end within this.
constexpr Duration kLinger = std::chrono::seconds(5);

// A group is sent by a PUSH before it counts as written, so that a crash repeats documents and
// loses none of those that were not handed over; by a PUB when it is committed, so that nobody sees
// what may be taken back.
class ZmqOutput final : public Output {
 public:
  ZmqOutput(const RawSendConfig& config, RawOutlet outlet)
      : is_push_(config.type == RawSender::kPush),
        most_(std::max(config.queue / 2, 1U)),
        outlet_(std::move(outlet)) {}
  ~ZmqOutput() override { outlet_.close(kLinger); }
  ZmqOutput(const ZmqOutput&) = delete;
  ZmqOutput& operator=(const ZmqOutput&) = delete;

  void add(const DocumentId&, const DocumentView& document) override {
    group_.push_back({document.format, std::string(document.bytes), std::string(document.notes)});
  }

  Result<void> sync() override { return is_push_ ? push() : Result<void>(); }
  void marks(std::vector<FileMark>&) const override {}
  // A larger group would be more than the queue of a subscriber that keeps up.
  bool full() const override { return !is_push_ && group_.size() >= most_; }

  Result<void> settle() override {
    for (; sent_ < group_.size(); ++sent_) outlet_.send(view(group_[sent_]));
    group_.clear();
    sent_ = 0;
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

  Result<void> push() {
    const Time deadline = clock_.now() + kPatience;
    while (sent_ < group_.size()) {
      if (outlet_.send(view(group_[sent_]))) {
        ++sent_;
        continue;
      }
      const Duration left = deadline - clock_.now();
      if (left <= Duration::zero()) {
        return unavailable(fmt::format(
            "sink.zmq: {}: expected a peer that takes documents, found none; start it, or let it "
            "catch up",
            outlet_.addresses()));
      }
      poller_.clear();
      poller_.writable(outlet_.socket());
      poller_.wait(left);
    }
    return {};
  }

  bool is_push_;
  std::size_t most_;
  RawOutlet outlet_;
  SystemClock clock_;
  Poller poller_;
  std::vector<Kept> group_;
  std::size_t sent_ = 0;  // of the group
};

Result<std::unique_ptr<Output>> open(const std::any& settings, const OutputContext& context) {
  const auto& config = std::any_cast<const RawSendConfig&>(settings);
  auto outlet = RawOutlet::open(config, *context.sockets, "sink.zmq", context.sink);
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
