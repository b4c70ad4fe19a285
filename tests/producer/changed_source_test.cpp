// A pipeline file that names other settings of a source with a spool, or another source, while what
// was read before is not settled.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>

#include "shared/store/file_descriptor.h"
#include "tests/producer/http_client.h"
#include "tests/producer/reader_fixture.h"

namespace docmill::test {
namespace {

using Texts = std::vector<std::string>;

constexpr const char* kLines = "lines: '@/in/*.ndjson'";
// ZeroMQ gives an address free a moment after its socket is gone, so each has its own.
constexpr const char* kSmall = "zmq: { type: pull, bind: 'ipc://@/raw.socket', spool: 1MiB }";
constexpr const char* kAgain = "zmq: { type: pull, bind: 'ipc://@/again.socket', spool: 1MiB }";

struct ChangedSourceFixture : ReaderFixture {
  std::string http(const std::string& more) const {
    return fmt::format("http: {{ bind: '127.0.0.1:{}', memory: 64MiB{} }}", port, more);
  }
  // While nothing is read: the window of the producer is full.
  std::string ask(BatchReader& reader, const std::string& request) const {
    REQUIRE(reader.serve().ok());  // before the first turn nothing is taken
    Client client(port);
    client.send(request);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < end) {
      REQUIRE(reader.serve().ok());
      const bool more = client.receive();
      if (std::string answer = client.answer(); !answer.empty()) return answer;
      if (!more) return "closed";
    }
    return "nothing in a minute";
  }
  bool is_listened_at() const {
    const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(socket.number(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  std::uint64_t bytes_of_spool() const {
    std::uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "spool")) {
      bytes += entry.file_size();
    }
    return bytes;
  }
  std::uint16_t port = static_cast<std::uint16_t>(20'000 + getpid() % 10'000);
};

TEST_CASE_METHOD(ChangedSourceFixture,
                 "a source with a spool takes in by its new settings before anything is settled") {
  fill_spool(6);
  Texts before;
  {
    auto reader = start(kSmall);
    before = read(*reader, 2);
    REQUIRE(before.size() == 4);
  }
  {
    auto reader = start(http(""));
    CHECK(ask(*reader, post("application/json", "{\"new\":1}")).starts_with("202 "));
  }
  auto reader = start(http(", token: 0123456789abcdef"));
  CHECK(ask(*reader, post("application/json", "{}")).starts_with("401 "));
  CHECK(ask(*reader,
            post("application/json", "{\"new\":2}", "Authorization: Bearer 0123456789abcdef\r\n"))
            .starts_with("202 "));
  Texts all = read(*reader);
  CHECK(Texts(all.begin(), all.begin() + 4) == before);
  CHECK(Texts(all.end() - 2, all.end()) == Texts{"{\"new\":1}", "{\"new\":2}"});
  CHECK(all.size() == 8);
  CHECK(state.plans.back().plan.source_text.find("0123456789abcdef") != std::string::npos);
}

TEST_CASE_METHOD(ChangedSourceFixture,
                 "what a spool gives out again has the limits that it was first cut with") {
  fill_spool(4, std::string(3000, 'x'));
  limits.document = Bytes{1000};
  Texts before;
  {
    auto reader = start(kSmall);
    before = read(*reader, 2);
  }
  REQUIRE(before.size() == 4);
  CHECK(before.front().size() <= 1000);
  limits = {};
  auto reader = start(kAgain);
  CHECK(read(*reader) == before);
}

TEST_CASE_METHOD(
    ChangedSourceFixture,
    "a spool takes nothing in while a source of another kind is read again behind it") {
  fill_spool(2);
  for (const std::string& source : {std::string(kSmall), std::string(kLines)}) {
    auto reader = start(source);
    read(*reader);
  }
  auto reader = start(http(""));
  CHECK_FALSE(is_listened_at());
  CHECK(read(*reader).size() == 6);
  CHECK(ask(*reader, post("application/json", "{}")).starts_with("202 "));
}

TEST_CASE_METHOD(ChangedSourceFixture,
                 "a checkpoint that passes the end of a spool gives back all of it") {
  fill_spool(30, std::string(30'000, 'x'));
  const std::uint64_t full = bytes_of_spool();
  const bool restarts = GENERATE(true, false);
  {
    auto reader = start(kSmall);
    CHECK(read(*reader).size() == 30);
  }
  {
    auto reader = start(kLines);
    CHECK(read(*reader).size() == 34);
    if (restarts) {
      // The only checkpoint, as in a crash: the source was not told of it.
      ProducerFacts facts;
      facts.checkpoint = last;
      apply(facts, state);
    }
  }
  const Checkpoint of_files = last;
  auto reader = start(kAgain);
  read(*reader);
  if (!restarts) {
    CHECK(bytes_of_spool() >= full);
    last = of_files;
    settle(*reader);
  }
  CHECK(bytes_of_spool() < full / 4);
}

}  // namespace
}  // namespace docmill::test
