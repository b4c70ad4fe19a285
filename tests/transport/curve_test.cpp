// CURVE and the doorman: who is let in, under which name, and what becomes of the others.
#include <map>
#include <mutex>

#include "shared/transport/doorman.h"
#include "tests/transport/fixture.h"

namespace docmill {
namespace {

// Lets in whom it knows.
class Guests final : public Admission {
 public:
  std::string admit(const Visitor& visitor) override {
    const std::lock_guard lock(mutex_);
    visitors_.push_back(visitor);
    const auto known = names_.find(visitor.key);
    return known == names_.end() ? "" : known->second;
  }
  void failed(Fault fault) override {
    const std::lock_guard lock(mutex_);
    ++faults_[fault];
  }

  void know(const std::string& key, const std::string& name) {
    const std::lock_guard lock(mutex_);
    names_[key] = name;
  }
  std::vector<Visitor> visitors() {
    const std::lock_guard lock(mutex_);
    return visitors_;
  }
  int faults(Fault fault) {
    const std::lock_guard lock(mutex_);
    return faults_[fault];
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> names_;
  std::vector<Visitor> visitors_;
  std::map<Fault, int> faults_;
};

// A server, its doorman and the context of its peers. The members go in the right order.
struct House {
  explicit House(Scheme scheme)
      : doorman(required(Doorman::open(context, guests))),
        pull(required(PullSocket::bind(context, free_address(scheme, folder), kPairs,
                                       CurveServer{keys, "cellar", doorman.get()}))) {
    guests.know(friend_keys.public_key, "ada");
  }

  PushSocket connect(const std::optional<CurveClient>& curve) {
    return required(PushSocket::connect(outside, pull.endpoint(), kPairs, curve));
  }
  PushSocket connect_friend() { return connect(CurveClient{friend_keys, keys.public_key}); }

  TempFolder folder;
  KeyPair keys = make_key_pair();
  KeyPair friend_keys = make_key_pair();
  Guests guests;
  Context context = open_context();
  Context outside = open_context();
  std::unique_ptr<Doorman> doorman;
  PullSocket pull;
};

TEST_CASE("a key that is known comes in, and its messages have its name") {
  House house(GENERATE(Scheme::kTcp, Scheme::kIpc));
  auto push = house.connect_friend();
  send(push, {"header", "payload"});
  Patience patience(house.pull);
  std::vector<Frame> message;
  while (!house.pull.receive(message)) patience.wait();
  REQUIRE(message.size() == 2);
  CHECK(message[0].sender() == "ada");
  CHECK(message[1].sender() == "ada");
  CHECK(message[1].bytes() == "payload");
  REQUIRE(house.guests.visitors().size() == 1);
  const Visitor visitor = house.guests.visitors().front();
  CHECK(visitor.door == "cellar");
  CHECK(visitor.key == house.friend_keys.public_key);
  const bool by_file = house.pull.endpoint().starts_with("ipc:");
  CHECK(visitor.address.starts_with(by_file ? "localhost:" : "127.0.0.1"));
}

TEST_CASE("who is not let in is told of, and those who are let in notice nothing") {
  House house(Scheme::kTcp);
  const KeyPair stranger = make_key_pair();
  auto good = house.connect_friend();
  auto unknown = house.connect(CurveClient{stranger, house.keys.public_key});
  auto open = house.connect(std::nullopt);
  auto mistaken = house.connect(CurveClient{house.friend_keys, stranger.public_key});
  for (PushSocket* push : {&unknown, &open, &mistaken}) {
    Frame frame = Frame::copy("forged");
    push->send(frame);
  }
  Patience patience(house.pull);
  const auto asked_about_stranger = [&] {
    for (const Visitor& visitor : house.guests.visitors()) {
      if (visitor.key == stranger.public_key) return true;
    }
    return false;
  };
  while (!asked_about_stranger() || house.guests.faults(Admission::Fault::kNoKey) == 0 ||
         house.guests.faults(Admission::Fault::kOtherKey) == 0) {
    patience.wait();
  }
  send(good, {"1"});
  send(good, {"2"});
  CHECK(receive(house.pull) == std::vector<std::string>{"1"});
  CHECK(receive(house.pull) == std::vector<std::string>{"2"});
}

TEST_CASE("a key that becomes known is let in without anybody starting again") {
  House house(Scheme::kTcp);
  const KeyPair late = make_key_pair();
  auto push = house.connect(CurveClient{late, house.keys.public_key});
  send(push, {"patient"});
  Patience patience(house.pull);
  while (house.guests.visitors().empty()) patience.wait();
  house.guests.know(late.public_key, "late");
  CHECK(receive(house.pull) == std::vector<std::string>{"patient"});
}

TEST_CASE("a connected socket that is made anew keeps its key") {
  House house(Scheme::kTcp);
  auto push = house.connect_friend();
  send(push, {"before"});
  CHECK(receive(house.pull) == std::vector<std::string>{"before"});
  REQUIRE(push.reconnect());
  send(push, {"after"});
  CHECK(receive(house.pull) == std::vector<std::string>{"after"});
}

TEST_CASE("sockets come and go while the doorman stays") {
  House house(Scheme::kTcp);
  for (int i = 0; i < 20; ++i) {
    const auto more =
        required(PullSocket::bind(house.context, free_tcp_address(), kPairs,
                                  CurveServer{house.keys, "cellar", house.doorman.get()}));
    auto push =
        required(PushSocket::connect(house.outside, more.endpoint(), kPairs,
                                     CurveClient{house.friend_keys, house.keys.public_key}));
    Frame frame = Frame::copy("x");
    push.send(frame);
  }
  auto push = house.connect_friend();
  send(push, {"last"});
  CHECK(receive(house.pull) == std::vector<std::string>{"last"});
}

TEST_CASE("a key is 40 characters of Z85 that stand for 32 bytes") {
  const KeyPair pair = make_key_pair();
  CHECK(is_key(pair.public_key));
  CHECK(is_key(pair.secret_key));
  CHECK(public_key_of(pair.secret_key) == pair.public_key);
  CHECK(make_key_pair().secret_key != pair.secret_key);
  CHECK(key_text(std::string(32, '\0')) == std::string(40, '0'));
  const std::vector<std::string> wrong = {
      "",
      std::string(39, '0'),
      std::string(41, '0'),
      std::string(40, '"'),
      std::string(40, '#'),  // stands for more than 32 bits at a time
      std::string(39, '0') + '\n',
      std::string(39, '0') + '\0',
      std::string(39, '0') + '\xff'};
  for (const std::string& text : wrong) {
    INFO(text);
    CHECK_FALSE(is_key(text));
  }
}

}  // namespace
}  // namespace docmill
