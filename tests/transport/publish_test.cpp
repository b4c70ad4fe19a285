#include <cstdio>
#include <functional>
#include <thread>

#include "shared/transport/subscriber_queue.h"
#include "tests/transport/fixture.h"

namespace docmill {
namespace {

void publish(PubSocket& socket, const std::string& topic, const std::string& document) {
  std::array<Frame, 2> message = {Frame::copy(topic), Frame::copy(document)};
  socket.send(message);
}

// A publisher knows a subscriber some time after it connected: publishes until it takes something.
std::vector<std::string> publish_until_received(PubSocket& publisher, SubSocket& subscriber,
                                                const std::string& topic) {
  Patience patience(subscriber);
  std::vector<Frame> message;
  while (!subscriber.receive(message)) {
    publish(publisher, topic, "document");
    patience.wait();
  }
  return {std::string(message.at(0).bytes()), std::string(message.at(1).bytes())};
}

TEST_CASE("a subscriber gets the topics that begin with its prefix and no others") {
  const TempFolder folder;
  const auto scheme = GENERATE(Scheme::kTcp, Scheme::kIpc);
  const Context context = open_context();
  auto publisher = required(PubSocket::bind(context, free_address(scheme, folder), kPairs));
  auto books = required(SubSocket::connect(context, publisher.endpoint(), {"books|"}, kPairs));
  auto all = required(SubSocket::connect(context, publisher.endpoint(), {""}, kPairs));
  CHECK(publish_until_received(publisher, books, "books|") ==
        std::vector<std::string>{"books|", "document"});
  publish_until_received(publisher, all, "films|");
  publish(publisher, "books2|", "not for books");
  publish(publisher, "books|1", "for both");
  std::vector<std::string> got = receive(books);
  while (got.at(1) == "document") {
    CHECK(got.at(0) == "books|");
    got = receive(books);
  }
  CHECK(got == std::vector<std::string>{"books|1", "for both"});
  while (got.at(1) != "not for books") got = receive(all);
  CHECK(receive(all) == std::vector<std::string>{"books|1", "for both"});
}

TEST_CASE("a publisher neither waits for a subscriber that does not read nor keeps much for it") {
  const TempFolder folder;
  const auto scheme = GENERATE(Scheme::kTcp, Scheme::kIpc);
  const Context context = open_context();
  auto publisher = required(PubSocket::bind(context, free_address(scheme, folder), kPairs));
  auto stuck = required(SubSocket::connect(context, publisher.endpoint(), {"a"}, kPairs));
  publish_until_received(publisher, stuck, "a");
  const auto payload = std::make_shared<const std::string>(1 << 20, 'x');
  for (int i = 0; i < 200; ++i) {
    std::array<Frame, 2> message = {Frame::copy("a"), Frame::share(payload)};
    publisher.send(message);
  }
  CHECK(payload.use_count() < 30);
}

using Message = std::array<Frame, 2>;

std::vector<Message> group_of(int messages, std::size_t size) {
  std::vector<Message> group;
  for (int i = 0; i < messages; ++i) {
    group.push_back({Frame::copy("a"), Frame::copy(std::string(size, 'x'))});
  }
  return group;
}

// Sends groups as a sink does: the next one when the one before it has gone, or has waited enough.
class GroupPublisher {
 public:
  explicit GroupPublisher(PubSocket& socket) : socket_(socket) {}

  // How long the group waited for the one before it.
  Duration settle(int messages, std::size_t size) {
    std::vector<Message> group = group_of(messages, size);
    const Time begun = clock_.now();
    while (!queue_.settle(group, send_)) continue;
    return clock_.now() - begun;
  }
  // How long it takes until all is sent or dropped.
  Duration finish() {
    const Time begun = clock_.now();
    for (queue_.serve(send_); !queue_.empty(); queue_.serve(send_)) std::this_thread::yield();
    return clock_.now() - begun;
  }

 private:
  PubSocket& socket_;
  SystemClock clock_;
  SubscriberQueue<Message> queue_{clock_};
  std::function<bool(Message&, bool)> send_ = [this](Message& message, bool drop) {
    return socket_.send(message, drop);
  };
};

TEST_CASE("a subscriber that reads misses nothing of groups that are larger than its queue") {
  const TempFolder folder;
  const auto scheme = GENERATE(Scheme::kTcp, Scheme::kIpc);
  const Context context = open_context();
  SocketLimits limits = kPairs;
  limits.messages = 1000;
  auto publisher = required(PubSocket::bind(context, free_address(scheme, folder), limits));
  auto subscriber = required(SubSocket::connect(context, publisher.endpoint(), {"a"}, limits));
  publish_until_received(publisher, subscriber, "a");
  constexpr int kGroup = 65'536;
  constexpr int kGroups = 3;
  int got = 0;
  std::thread reader([&] {
    std::vector<Frame> message;
    Poller poller;
    poller.readable(subscriber);
    while (got < kGroup * kGroups && poller.wait(5s)) {
      while (subscriber.receive(message)) got += message.at(1).bytes().size() == 16 ? 1 : 0;
    }
  });
  GroupPublisher groups(publisher);
  for (int i = 0; i < kGroups; ++i) {
    groups.settle(kGroup, 16);
    groups.finish();
  }
  reader.join();
  CHECK(got == kGroup * kGroups);
}

TEST_CASE("a group that a subscriber has no room for does not hold up its publisher") {
  const TempFolder folder;
  const Context context = open_context();
  auto publisher = required(PubSocket::bind(context, free_address(Scheme::kIpc, folder), kPairs));
  auto subscriber = required(SubSocket::connect(context, publisher.endpoint(), {"a"}, kPairs));
  publish_until_received(publisher, subscriber, "a");
  GroupPublisher groups(publisher);
  CHECK(groups.settle(5000, 1024) < 500ms);
  const Duration waited = groups.settle(1, 1024);
  CHECK(waited >= 900ms);
  CHECK(waited < 3s);
}

TEST_CASE("a subscriber that does not read is waited for once, until it reads again") {
  const TempFolder folder;
  const Context context = open_context();
  auto publisher = required(PubSocket::bind(context, free_address(Scheme::kIpc, folder), kPairs));
  auto subscriber = required(SubSocket::connect(context, publisher.endpoint(), {"a"}, kPairs));
  publish_until_received(publisher, subscriber, "a");
  GroupPublisher groups(publisher);
  groups.settle(5000, 1024);
  CHECK(groups.finish() >= 900ms);
  groups.settle(5000, 1024);
  CHECK(groups.finish() < 500ms);
  std::vector<Frame> message;
  Poller poller;
  poller.readable(subscriber);
  while (poller.wait(500ms)) subscriber.receive(message);
  groups.settle(5000, 1024);
  CHECK(groups.finish() >= 900ms);
}

// /usr/bin/python3 that runs the script; its standard output is read through a pipe.
class Python {
 public:
  explicit Python(const std::string& script)
      : pipe_(::popen(("/usr/bin/python3 -c '" + script + "'").c_str(), "re")) {
    REQUIRE(pipe_ != nullptr);
  }
  ~Python() { ::pclose(pipe_); }
  Python(const Python&) = delete;
  Python& operator=(const Python&) = delete;

  int fd() const { return ::fileno(pipe_); }
  std::string line() {
    char text[256] = "";
    return ::fgets(text, sizeof text, pipe_) != nullptr ? text : "";
  }

 private:
  std::FILE* pipe_;
};

TEST_CASE("a subscriber in Python receives topic and document as two frames") {
  const TempFolder folder;
  const auto scheme = GENERATE(Scheme::kTcp, Scheme::kIpc);
  const Context context = open_context();
  auto publisher = required(PubSocket::bind(context, free_address(scheme, folder), kPairs));
  Python python(
      fmt::format("import zmq\n"
                  "s = zmq.Context().socket(zmq.SUB)\n"
                  "s.setsockopt(zmq.SUBSCRIBE, b\"books\")\n"
                  "s.setsockopt(zmq.RCVTIMEO, 20000)\n"
                  "s.connect(\"{}\")\n"
                  "print(s.recv_multipart())\n",
                  publisher.endpoint()));
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  Poller poller;
  poller.readable(python.fd());
  while (!poller.wait(10ms)) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    publish(publisher, "books", "{\"title\":\"caf\xc3\xa9\"}");
  }
  CHECK(python.line() == "[b'books', b'{\"title\":\"caf\\xc3\\xa9\"}']\n");
}

}  // namespace
}  // namespace docmill
