#include <fcntl.h>
#include <unistd.h>

#include <random>

#include "tests/producer/source_fixture.h"

namespace docmill::test {
namespace {

// This process has a pipe as its stdin, for the life of the object.
class PipedStdin {
 public:
  PipedStdin() : before_(dup(STDIN_FILENO)) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    writer_ = ends[1];
  }
  ~PipedStdin() {
    end();
    dup2(before_, STDIN_FILENO);
    close(before_);
  }
  PipedStdin(const PipedStdin&) = delete;
  PipedStdin& operator=(const PipedStdin&) = delete;

  void write(std::string_view bytes) const {
    REQUIRE(::write(writer_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  void end() {
    if (writer_ >= 0) close(writer_);
    writer_ = -1;
  }

 private:
  int before_;
  int writer_ = -1;
};

struct StdinFixture : SourceFixture {
  std::unique_ptr<Source> open_stdin(const std::string& settings = "format: auto",
                                     const std::string& position = "") {
    auto source = open(stdin_source(), settings, position);
    INFO((source ? "" : source.error().text));
    REQUIRE(source.ok());
    return std::move(*source);
  }
  static std::string served(Source& source) {
    const Result<void> done = source.serve();
    INFO((done ? "" : done.error().text));
    REQUIRE(done.ok());
    return outline(read_all(source));
  }
  PipedStdin in;
};

TEST_CASE_METHOD(StdinFixture, "each line that came is a document, and a part of one waits") {
  auto source = open_stdin();
  in.write("{\"n\":1}\r\n\n<b/>\nhal");
  CHECK(served(*source) == "^ {\"n\":1} <b/> ~");
  in.write("f\n");
  REQUIRE(source->serve().ok());
  const std::vector<Seen> rest = read_all(*source);
  REQUIRE(outline(rest) == "half ~");
  CHECK(rest[0].source == "stdin");
  CHECK(rest[0].format == Format::kText);
}

TEST_CASE_METHOD(StdinFixture, "it ends with its writer, and the last line needs no break") {
  auto source = open_stdin();
  in.write("1\n2");
  CHECK(served(*source) == "^ 1 ~");
  CHECK(source->fd() >= 0);
  in.end();
  CHECK(served(*source) == "2 $");
  CHECK(source->fd() == -1);
}

TEST_CASE_METHOD(StdinFixture, "what was taken in comes again after a crash") {
  {
    auto source = open_stdin();
    in.write("1\n2\n");
    CHECK(served(*source) == "^ 1 2 ~");
  }
  auto again = open_stdin();
  in.write("3\n");
  in.end();
  CHECK(served(*again) == "1 2 ^ 3 $");
}

TEST_CASE_METHOD(StdinFixture, "a line that is half read outlives a reload of the source") {
  auto source = open_stdin();
  in.write("1\nabc");
  CHECK(served(*source) == "^ 1 ~");
  REQUIRE(source->settled(source->position()).ok());
  const std::string position = source->position();
  source.reset();
  source = open_stdin("format: text", position);
  in.write("def\n2\n<x/>");
  CHECK(served(*source) == "^ abcdef 2 ~");
  const std::string next = source->position();
  REQUIRE(source->settled(next).ok());
  source.reset();
  in.end();
  source = open_stdin("format: text", next);
  REQUIRE(source->serve().ok());
  const std::vector<Seen> rest = read_all(*source);
  REQUIRE(outline(rest) == "^ <x/> $");
  CHECK(rest[1].format == Format::kText);
  // Another stdin has nothing of it.
  const std::string last = source->position();
  source.reset();
  const PipedStdin other;
  other.write("3\n");
  CHECK(served(*open_stdin("format: auto", last)) == "^ 3 ~");
}

TEST_CASE_METHOD(StdinFixture,
                 "a line over the limit is a dead letter with its size and beginning") {
  limits.document = {1024};
  auto source = open_stdin();
  in.write("1\n" + std::string(1024, 'a') + "\r\n" + std::string(1025, 'b') + "\r\n2\n");
  REQUIRE(source->serve().ok());
  const std::vector<Seen> all = read_all(*source);
  REQUIRE(all.size() == 6);
  CHECK(all[2].bytes == std::string(1024, 'a'));
  CHECK(all[3].state == Source::State::kDead);
  CHECK(all[3].reason == oversize(std::string(1025, 'b'), 1028, limits.document));
  CHECK(all[3].bytes == std::string(1024, 'b'));
  CHECK(all[4].bytes == "2");
}

TEST_CASE_METHOD(StdinFixture,
                 "a line of 100 MB takes no memory beyond the limit, and is counted") {
  limits.document = {100'000};
  auto source = open_stdin();
  const std::string piece(60'000, 'x');
  for (int i = 0; i < 1667; ++i) {
    in.write(piece);
    REQUIRE(source->serve().ok());
  }
  in.write("\n1\n");
  REQUIRE(source->serve().ok());
  const std::vector<Seen> all = read_all(*source);
  REQUIRE(outline(all) == "^ ! 1 ~");
  CHECK(all[1].reason == oversize(std::string(100'020'000, 'x'), 0, limits.document));
  CHECK(all[1].bytes == std::string(64 << 10, 'x'));
}

TEST_CASE_METHOD(StdinFixture, "where the pieces are cut does not show in the documents") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  limits.document = {5};
  auto source = open_stdin();
  CHECK(served(*source) == "^ ~");
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (auto i = random() % 80; i > 0; --i) text += "abc\n\r\n"[random() % 6];
    text += '\n';
    std::string expected;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      std::string line = text.substr(at, end - at);
      if (line.ends_with('\r')) line.pop_back();
      if (!line.empty()) expected += (line.size() > 5 ? "!" : line) + " ";
      at = end + 1;
    }
    std::string got;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t piece = 1 + random() % 9;
      in.write(text.substr(at, piece));
      at += piece;
      REQUIRE(source->serve().ok());
      for (const Seen& one : read_all(*source)) {
        if (is_document(one)) got += (one.state == Source::State::kDead ? "!" : one.bytes) + " ";
      }
    }
    CHECK(got == expected);
  }
}

TEST_CASE_METHOD(StdinFixture, "a full spool makes the writer wait, and nothing is lost by it") {
  auto source = open_stdin("spool: 1MiB");
  std::string expected = "^";
  std::string got;
  std::string line;
  int written = 0;
  for (; source->fd() >= 0 && written < 100; ++written) {
    line = std::string(30'000, static_cast<char>('a' + written % 26));
    expected += " " + line;
    in.write(line + "\n");
    REQUIRE(source->serve().ok());
  }
  REQUIRE(written < 40);
  got = outline(read_all(*source));
  CHECK(got.size() < expected.size());
  REQUIRE(source->settled(source->position()).ok());
  got.replace(got.size() - 1, 1, served(*source));
  CHECK(got == expected + " ~");
}

}  // namespace
}  // namespace docmill::test
