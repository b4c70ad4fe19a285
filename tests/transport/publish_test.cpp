#include <cstdio>
#include <thread>

#include "shared/transport/subscriber_patience.h"
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

// Sends a group of 1 KiB messages; how long that takes.
Duration publish_group(PubSocket& publisher, SubscriberPatience& patience, int messages) {
  const auto begun = std::chrono::steady_clock::now();
  patience.begin_group();
  for (int i = 0; i < messages; ++i) {
    std::array<Frame, 2> message = {Frame::copy("a"), Frame::copy(std::string(1024, 'x'))};
    patience.send([&](bool drop) { return publisher.send(message, drop); });
  }
  return std::chrono::steady_clock::now() - begun;
}

TEST_CASE("a subscriber that reads misses nothing of a burst that is larger than its queue") {
  const TempFolder folder;
  const auto scheme = GENERATE(Scheme::kTcp, Scheme::kIpc);
  const Context context = open_context();
  SocketLimits limits = kPairs;
  limits.messages = 1000;
  auto publisher = required(PubSocket::bind(context, free_address(scheme, folder), limits));
  auto subscriber = required(SubSocket::connect(context, publisher.endpoint(), {"a"}, limits));
  publish_until_received(publisher, subscriber, "a");
  constexpr int kBurst = 20'000;
  std::thread reader([&] {
    std::vector<Frame> message;
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    for (int got = 0; got < kBurst && std::chrono::steady_clock::now() < deadline;) {
      if (!subscriber.receive(message)) continue;
      got += message.at(1).bytes().size() == 1024 ? 1 : 0;
    }
  });
  const SystemClock clock;
  SubscriberPatience patience(clock);
  publish_group(publisher, patience, kBurst);
  const auto begun = std::chrono::steady_clock::now();
  reader.join();
  CHECK(std::chrono::steady_clock::now() - begun < kDeadline / 2);
}

TEST_CASE("a subscriber that does not read is waited for once, until it reads again") {
  const TempFolder folder;
  const Context context = open_context();
  auto publisher = required(PubSocket::bind(context, free_address(Scheme::kIpc, folder), kPairs));
  auto subscriber = required(SubSocket::connect(context, publisher.endpoint(), {"a"}, kPairs));
  publish_until_received(publisher, subscriber, "a");
  const SystemClock clock;
  SubscriberPatience patience(clock);
  CHECK(publish_group(publisher, patience, 5000) >= 1s);
  CHECK(publish_group(publisher, patience, 5000) < 500ms);
  std::vector<Frame> message;
  Poller poller;
  poller.readable(subscriber);
  while (poller.wait(500ms)) subscriber.receive(message);
  CHECK(publish_group(publisher, patience, 5000) >= 50ms);  // a tenth of that half second
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
