#include "sink/outputs/deliver.h"

#include <fmt/format.h>

#include <chrono>
#include <deque>
#include <map>
#include <utility>

#include "shared/config/open_address.h"
#include "shared/config/schema.h"
#include "sink/deliver_socket.h"
#include "sink/document_names.h"

namespace docmill {
namespace {

// How long sync() waits for the first program: without one the group is tried again much later.
constexpr Duration kFirst = std::chrono::milliseconds(200);

struct DeliverConfig {
  std::string bind = "tcp://127.0.0.1:5701";
  Duration silence = std::chrono::seconds(5);
  Duration patience = std::chrono::minutes(1);
  bool insecure = false;
};

class DeliverOutput final : public Output {
 public:
  DeliverOutput(std::unique_ptr<DeliverSocket> socket, std::string place, std::string address)
      : socket_(std::move(socket)), place_(std::move(place)), address_(std::move(address)) {}

  void add(const DocumentId& id, const DocumentView& document) override {
    waiting_.push_back(group_.size());
    group_.push_back({idempotency_key(id), document.format, std::string(document.bytes),
                      std::string(document.notes)});
    by_id_.emplace(group_.back().id, group_.size() - 1);
  }

  Result<void> sync() override {
    take(Duration::zero());
    send();
    if (done_ < group_.size()) {
      // What comes from now on wakes the sink: fd() of a ZeroMQ socket tells each change once.
      take(socket_->has_consumers() ? Duration::zero() : kFirst);
      send();
    }
    if (done_ == group_.size()) return {};
    if (socket_->has_consumers()) return unavailable("");
    return unavailable(
        fmt::format("{}: {}: expected a program that takes documents, found none; start one",
                    place_, address_));
  }
  void marks(std::vector<FileMark>&) const override {}

  Rejects rejects() const override { return Rejects::kAfterSync; }
  std::vector<Rejected> take_rejected() override { return std::exchange(rejected_, {}); }
  Result<void> settle() override {
    group_.clear();
    by_id_.clear();
    done_ = 0;
    return {};
  }

  // A consumer that says how many it wants gets them at once: it may be silent until then, and a
  // commit that found no consumer is retried only later.
  Result<void> serve() override {
    take(Duration::zero());
    send();
    return {};
  }
  int fd() const override { return socket_->fd(); }

 private:
  struct Kept {
    std::string id;
    Format format;
    std::string bytes;
    std::string notes;
    bool done = false;
  };

  void take(Duration wait) {
    for (DeliverSocket::Answer& answer : socket_->receive(wait)) {
      const auto found = by_id_.find(answer.id);
      // Of an earlier group, or the second one that had it.
      if (found == by_id_.end() || std::exchange(group_[found->second].done, true)) continue;
      if (!answer.refused.empty()) rejected_.push_back({found->second, std::move(answer.refused)});
      ++done_;
    }
    for (const std::string& id : socket_->take_back()) {
      const auto found = by_id_.find(id);
      if (found != by_id_.end()) waiting_.push_front(found->second);
    }
  }

  void send() {
    for (; !waiting_.empty(); waiting_.pop_front()) {
      const Kept& kept = group_[waiting_.front()];
      const DocumentView document{
          .format = kept.format, .bytes = kept.bytes, .origin = {}, .notes = kept.notes};
      if (!kept.done && !socket_->send(kept.id, document)) return;
    }
  }

  std::unique_ptr<DeliverSocket> socket_;
  std::string place_;
  std::string address_;
  std::vector<Kept> group_;
  std::deque<std::size_t> waiting_;  // numbers in the group, to be sent
  std::map<std::string, std::size_t> by_id_;
  std::size_t done_ = 0;
  std::vector<Rejected> rejected_;
};

std::optional<std::string> problem(const DeliverConfig& config) {
  const auto address = parse_address(config.bind);
  if (!address) return "bind: " + address.error().text;
  const auto open = open_problem(*address, "add 'insecure: true'");
  if (!open || config.insecure) return std::nullopt;
  return fmt::format("bind: {} {}", config.bind, *open);
}

Result<std::unique_ptr<Output>> open(const std::any& settings, const OutputContext& context) {
  const auto& config = std::any_cast<const DeliverConfig&>(settings);
  auto socket = DeliverSocket::bind(*context.sockets, config.bind, config.silence, config.patience,
                                    *context.clock);
  if (!socket) return socket.error();
  return std::unique_ptr<Output>(
      std::make_unique<DeliverOutput>(std::move(*socket), context.place, config.bind));
}

}  // namespace

OutputComponent deliver_output() {
  return {Schema<DeliverConfig>(
              "deliver",
              "Hands documents to other programs over ZeroMQ, to each as many as it asks for; a "
              "document counts when its program has answered that it is kept, at least once. "
              "docs/wire-format.md has the frames and a program.")
              .field("bind", &DeliverConfig::bind, "Address to bind.")
              .field("silence", &DeliverConfig::silence,
                     "A program that has said nothing for so long is gone; others get what it had.",
                     at_least(Duration(std::chrono::milliseconds(100))))
              .field("patience", &DeliverConfig::patience,
                     "A document without an answer for so long is sent again, under its id.",
                     at_least(Duration(std::chrono::seconds(1))))
              .field("insecure", &DeliverConfig::insecure,
                     "True: an address that other machines can reach may be bound.")
              .consistent(problem),
          open};
}

}  // namespace docmill
