#include "producer/submit/submit_inlet.h"

#include <fmt/format.h>

#include <array>

#include "producer/files/format_choice.h"
#include "producer/spooled/spooled_document.h"

namespace docmill {
namespace {

constexpr std::size_t kMostOfACall = 1 << 20;
constexpr int kMaxMessagesPerTurn = 4096;  // refused ones may be empty
constexpr std::size_t kLongestKey = 255;
constexpr std::uint32_t kAnswers = 100'000;  // that a client may leave unread
// Above the limit, so that a document that is a little too large is told so. One that is larger
// still ends its connection.
constexpr std::uint64_t kRefusable = 1 << 20;

constexpr Duration kRefill = std::chrono::milliseconds(1);

std::optional<FormatChoice> choice_of(std::string_view text) {
  if (text.empty()) return FormatChoice::kAuto;
  for (const auto& [name, choice] : enum_names(FormatChoice{})) {
    if (name == text) return choice;
  }
  return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<Inlet>> SubmitInlet::open(const Context& sockets, const std::string& bind,
                                                 Bytes limit, std::uint64_t epoch) {
  SocketLimits limits;
  limits.frames = 16;
  limits.frame = {limit.count + kRefusable};
  limits.messages = 8;
  auto socket = RouterSocket::bind(sockets, bind, limits, kAnswers);
  if (!socket) return socket.error();
  return std::unique_ptr<Inlet>(new SubmitInlet(std::move(*socket), limit, epoch));
}

// The queue is short, because documents may be large; what clients have ready refills it at once.
bool SubmitInlet::receive(bool wait) {
  if (socket_.receive(message_)) return true;
  if (!wait) return false;
  poller_.clear();
  poller_.readable(socket_.fd());
  poller_.wait(kRefill);
  return socket_.receive(message_);
}

Result<void> SubmitInlet::take_in(Spool& spool) {
  std::size_t bytes = 0;
  for (int i = 0; i < kMaxMessagesPerTurn && bytes < kMostOfACall && receive(i > 0); ++i) {
    for (const Frame& frame : message_) bytes += frame.size();
    if (auto appended = append(spool); !appended) return appended;
  }
  return {};
}

// sender | (empty) | key | format | document
Result<void> SubmitInlet::append(Spool& spool) {
  Return to{.sender = std::string(message_[0].bytes()),
            .delimiter = message_.size() > 1 && message_.size() != 4 && message_[1].size() == 0,
            .key = {}};
  const std::size_t first = to.delimiter ? 2 : 1;
  const std::size_t frames = message_.size() - first;
  if (frames > 0) to.key = message_[first].bytes().substr(0, kLongestKey);
  const auto refuse = [&](const std::string& text) {
    answer(to, "refused", text);
    return Result<void>();
  };
  if (frames != 3) {
    return refuse(fmt::format("expected 3 frames: key, format, document; found {}", frames));
  }
  if (const std::size_t size = message_[first].size(); size > kLongestKey) {
    return refuse(
        fmt::format("expected a key of at most {} bytes, found {}; shorten it", kLongestKey, size));
  }
  const auto choice = choice_of(message_[first + 1].bytes());
  if (!choice) return refuse("expected the format xml, json, text or auto");
  const std::string_view document = message_[first + 2].bytes();
  if (document.empty()) return refuse("expected a document, found an empty frame");
  if (document.size() > limit_.count) {
    return refuse(fmt::format(
        "expected a document of at most {}, found {} bytes; send less, or raise limits.document",
        to_string(limit_), document.size()));
  }
  const auto kept =
      append_document(spool, to.key, format_of(*choice, document), "submit", {}, document);
  if (!kept && kept.error().code == ErrorCode::kUnavailable) {
    answer(to, "full", kept.error().text);
    return {};
  }
  if (!kept && kept.error().code == ErrorCode::kMalformed) return refuse(kept.error().text);
  if (!kept) return kept.error();
  waiting_.push_back({std::move(to), fmt::format("{:016x}-{}", epoch_, kept->number)});
  return {};
}

void SubmitInlet::kept() {
  for (const Waiting& one : waiting_) answer(one.to, "kept", one.id);
  waiting_.clear();
}

void SubmitInlet::paused() {
  for (const Waiting& one : waiting_) {
    answer(one.to, "full", "nothing can be kept at this moment; send again later");
  }
  waiting_.clear();
}

void SubmitInlet::answer(const Return& to, std::string_view verdict, std::string_view text) {
  std::vector<Frame> frames;
  frames.push_back(Frame::copy(to.sender));
  if (to.delimiter) frames.emplace_back();
  for (const std::string_view bytes : {std::string_view(to.key), verdict, text}) {
    frames.push_back(Frame::copy(bytes));
  }
  socket_.send(frames);
}

}  // namespace docmill
