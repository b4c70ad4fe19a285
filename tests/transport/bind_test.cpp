#include <sys/resource.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "shared/transport/open_files.h"
#include "tests/transport/fixture.h"

namespace docmill {
namespace {

mode_t mode_of(const std::string& path) {
  struct stat found {};
  REQUIRE(::stat(path.c_str(), &found) == 0);
  return found.st_mode & 0777;
}

TEST_CASE("an address that is bound cannot be bound again, and its owner keeps it") {
  const TempFolder folder;
  const auto scheme = GENERATE(Scheme::kTcp, Scheme::kIpc);
  const Context context = open_context();
  const Context other = open_context();
  auto pull = required(PullSocket::bind(context, free_address(scheme, folder), kPairs));
  const std::string expected =
      pull.endpoint() + ": in use by another process; stop it first, or choose another address";
  const auto again = PullSocket::bind(other, pull.endpoint(), kPairs);
  REQUIRE_FALSE(again);
  CHECK(again.error().text == expected);
  CHECK(again.error().code == ErrorCode::kUnavailable);
  const auto publisher = PubSocket::bind(other, pull.endpoint(), kPairs);
  REQUIRE_FALSE(publisher);
  CHECK(publisher.error().text == expected);
  auto push = required(PushSocket::connect(other, pull.endpoint(), kPairs));
  send(push, {"to the owner"});
  CHECK(receive(pull) == std::vector<std::string>{"to the owner"});
}

TEST_CASE("the socket file of a process that died is taken over") {
  const TempFolder folder;
  const std::string path = folder / "socket";
  {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path.data(), path.size());
    const RawSocket dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    REQUIRE(::bind(dead.fd(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0);
  }
  REQUIRE(std::filesystem::exists(path));
  const Context context = open_context();
  auto pull = required(PullSocket::bind(context, "ipc://" + path, kPairs));
  auto push = required(PushSocket::connect(context, pull.endpoint(), kPairs));
  send(push, {"a"});
  CHECK(receive(pull) == std::vector<std::string>{"a"});
}

TEST_CASE("a plain file where the socket should be stays, and is an error") {
  const TempFolder folder;
  const std::string path = folder / "notes.txt";
  std::ofstream(path) << "mine";
  const Context context = open_context();
  const auto pull = PullSocket::bind(context, "ipc://" + path, kPairs);
  REQUIRE_FALSE(pull);
  CHECK(pull.error().text == "ipc://" + path +
                                 ": expected a socket or nothing at this path, found another file; "
                                 "choose another address");
  CHECK(std::filesystem::file_size(path) == 4);
}

TEST_CASE("missing folders of a socket are made for their owner alone") {
  const TempFolder folder;
  const Context context = open_context();
  const auto pull = required(PullSocket::bind(context, "ipc://" + folder / "a/b/socket", kPairs));
  CHECK(mode_of(folder / "a") == 0700);
  CHECK(mode_of(folder / "a/b") == 0700);
}

TEST_CASE("a folder that cannot be made is named") {
  const TempFolder folder;
  std::ofstream(folder / "file") << "x";
  const Context context = open_context();
  const std::string address = "ipc://" + folder / "file/b/socket";
  const auto pull = PullSocket::bind(context, address, kPairs);
  REQUIRE_FALSE(pull);
  CHECK(pull.error().text == address + ": create folder " + folder / "file/b" +
                                 ": Not a directory; choose a folder that this user may write");
}

TEST_CASE("an address that is not one to bind or to connect to says what to use") {
  const Context context = open_context();
  const std::string cure = "; use 127.0.0.1 for programs on this machine, 0.0.0.0 for all";
  const auto pull = PullSocket::bind(context, "tcp://192.0.2.1:20000", kPairs);
  REQUIRE_FALSE(pull);
  CHECK(pull.error().text ==
        "tcp://192.0.2.1:20000: expected an address of this machine, found '192.0.2.1'" + cure);
  CHECK(pull.error().code == ErrorCode::kConfig);
  const auto push = PushSocket::connect(context, "tcp://*:20000", kPairs);
  REQUIRE_FALSE(push);
  CHECK(push.error().text ==
        "tcp://*:20000: expected the host of a peer, found '*'; name the host");
  const auto bad = SubSocket::connect(context, "books", {""}, kPairs);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().text == "books: expected tcp://HOST:PORT or ipc://PATH, found neither");
}

TEST_CASE("a name is bound and connected to by its addresses") {
  const Context context = open_context();
  auto pull = required(PullSocket::bind_in_range(context, "localhost", 20'000, 20'999, kPairs));
  auto push = required(PushSocket::connect(context, pull.endpoint(), kPairs));
  Frame frame = Frame::copy("by name");
  // Until the name is looked up there is no connection to queue for.
  while (!push.send(frame)) std::this_thread::yield();
  CHECK(receive(pull) == std::vector<std::string>{"by name"});
}

TEST_CASE("IPv6 in brackets is bound and connected to") {
  const Context context = open_context();
  auto pull = PullSocket::bind_in_range(context, "[::1]", 20'000, 20'999, kPairs);
  if (!pull && pull.error().code == ErrorCode::kConfig) return;  // this machine has no IPv6
  REQUIRE(pull);
  auto push = required(PushSocket::connect(context, pull->endpoint(), kPairs));
  send(push, {"six"});
  CHECK(receive(*pull) == std::vector<std::string>{"six"});
}

TEST_CASE("of a range of ports each socket gets one of its own, until there is none") {
  const Context context = open_context();
  const auto probe =
      required(PullSocket::bind_in_range(context, "127.0.0.1", 21'000, 21'900, kPairs));
  const std::uint16_t first = parse_endpoint(probe.endpoint())->port;
  std::vector<PullSocket> sockets;
  while (true) {
    auto socket = PullSocket::bind_in_range(context, "127.0.0.1", first,
                                            static_cast<std::uint16_t>(first + 3), kPairs);
    if (!socket) {
      CHECK(socket.error().code == ErrorCode::kUnavailable);
      CHECK(socket.error().text ==
            fmt::format("tcp://127.0.0.1: expected a free port from {} to {}, found none; stop a "
                        "process that has one, or give a wider range",
                        first, first + 3));
      break;
    }
    for (const PullSocket& earlier : sockets) CHECK(earlier.endpoint() != socket->endpoint());
    sockets.push_back(std::move(*socket));
  }
  CHECK(sockets.size() <= 3);
  const auto nowhere = PullSocket::bind_in_range(context, "192.0.2.1", 21'000, 21'900, kPairs);
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().code == ErrorCode::kConfig);
}

// Leaves the process as few files as asked for, as long as it lives.
class FewFiles {
 public:
  explicit FewFiles(std::size_t left) {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    rlimit low = before_;
    low.rlim_cur = 200;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
    for (int fd = ::dup(0); fd >= 0; fd = ::dup(0)) taken_.emplace_back(fd);
    for (; left > 0; --left) taken_.pop_back();
  }
  ~FewFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FewFiles(const FewFiles&) = delete;
  FewFiles& operator=(const FewFiles&) = delete;

 private:
  rlimit before_{};
  std::vector<RawSocket> taken_;
};

TEST_CASE("a process without files to open gets an error, not an abort") {
  const TempFolder folder;
  const Context context = open_context();
  std::string no_context;
  std::string no_socket;
  {
    const FewFiles few(3);
    no_context = Context::open().error().text;
    no_socket =
        PushSocket::connect(context, free_address(Scheme::kIpc, folder), kPairs).error().text;
  }
  const std::string cure =
      " files that can be opened, found 3; raise the limit of open files "
      "(ulimit -n)";
  CHECK(no_context == "expected 19" + cure);
  CHECK(no_socket == "expected 16" + cure);
}

TEST_CASE("the limit of open files is raised to what the process may have") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit low = before;
  low.rlim_cur = 200;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
  CHECK(raise_file_limit() == before.rlim_max);
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &low) == 0);
  CHECK(low.rlim_cur == before.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace docmill
