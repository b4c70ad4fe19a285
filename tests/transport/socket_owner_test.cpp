#include "shared/transport/socket_owner.h"

#include <sys/wait.h>

#include "tests/transport/fixture.h"

namespace docmill {
namespace {

TEST_CASE("the owner of a socket is the process that listens there") {
  const TempFolder folder;
  const std::string path = folder / "socket";
  CHECK(SocketOwner::find(path).problem == ENOENT);
  {
    const Context context = open_context();
    auto pull = required(PullSocket::bind(context, "ipc://" + path, kPairs));
    CHECK(SocketOwner::find(path).problem == 0);
    CHECK(SocketOwner::find(path).process == ::getpid());
    // It is the listener that is asked for, not whoever asks.
    const pid_t child = ::fork();
    if (child == 0) ::_exit(SocketOwner::find(path).process == ::getppid() ? 0 : 1);
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  const std::string left = folder / "left";
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, left.data(), left.size());
  {
    const RawSocket dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    REQUIRE(::bind(dead.fd(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0);
  }
  CHECK(SocketOwner::find(left).problem == ECONNREFUSED);
  CHECK(SocketOwner::find(left).process == 0);
}

}  // namespace
}  // namespace docmill
