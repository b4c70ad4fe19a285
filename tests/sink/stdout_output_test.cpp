#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <optional>
#include <thread>

#include "sink/outputs/stdout.h"
#include "tests/sink/output_fixture.h"
#include "tests/store/faulty_disk.h"
#include "tests/store/limited_file_size.h"

namespace docmill::test {
namespace {

// An output of a sink that has a state folder.
struct StdoutFixture : OutputFixture {
  std::unique_ptr<Output> open_stdout(const std::string& settings) {
    OutputComponent component = stdout_output();
    component.open = [this, open = component.open](const std::any& parsed, OutputContext with) {
      with.folder = folder / "state/s1";
      return open(parsed, with);
    };
    return open(component, settings);
  }
};

// For its life this program's standard output is another file.
class StdoutIs {
 public:
  explicit StdoutIs(int file) : before_(dup(STDOUT_FILENO)) { dup2(file, STDOUT_FILENO); }
  ~StdoutIs() {
    dup2(before_, STDOUT_FILENO);
    close(before_);
  }
  StdoutIs(const StdoutIs&) = delete;
  StdoutIs& operator=(const StdoutIs&) = delete;

 private:
  int before_;
};

TEST_CASE_METHOD(StdoutFixture, "standard output gets a line for each document, group by group") {
  auto output = open_stdout("metadata: false");
  const std::string path = folder / "out";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT, 0600);
  add(*output, "{\n\"a\": 1}");
  add(*output, "<a/>", Format::kXml);
  CHECK(read("out").empty());
  {
    const StdoutIs changed(file);
    REQUIRE(output->sync().ok());
    REQUIRE(output->sync().ok());
  }
  CHECK(read("out") == "{\"a\":1}\n\"<a/>\"\n");
  std::vector<FileMark> marks;
  output->marks(marks);
  CHECK(marks.empty());

  // A file that finds no room for the second half of a line.
  add(*output, "\"0123456789\"");
  {
    const StdoutIs changed(file);
    const LimitedFileSize limited(20);
    const auto full = output->sync();
    REQUIRE_FALSE(full.ok());
    CHECK(full.error() == unavailable("stdout: write 8 bytes: file too large"));
  }
  {
    const StdoutIs changed(file);
    REQUIRE(output->sync().ok());
  }
  ::close(file);
  CHECK(read("out") == "{\"a\":1}\n\"<a/>\"\n\"0123456789\"\n");
}

TEST_CASE_METHOD(StdoutFixture, "a reader that stands still holds a group up, and not the sink") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  auto output = open_stdout("metadata: false");
  const std::string document = '"' + std::string(200'000, 'x') + '"';
  add(*output, document);
  Result<void> synced;
  std::string got;
  {
    const StdoutIs changed(ends[1]);
    CHECK(output->sync().error() == unavailable(""));
    std::string piece(50'000, ' ');
    do {
      const ssize_t count = ::read(ends[0], piece.data(), piece.size());
      REQUIRE(count > 0);
      got.append(piece, 0, static_cast<std::size_t>(count));
      if (!synced.ok() || got.size() < document.size()) synced = output->sync();
    } while (got.size() <= document.size());
  }
  REQUIRE(synced.ok());
  ::close(ends[0]);
  ::close(ends[1]);
  CHECK(got == document + "\n");
}

// Reads a pipe from a thread of its own, a little now and then until it is told to hurry.
class SlowReader {
 public:
  explicit SlowReader(int end) : end_(end), thread_([this] { read_all(); }) {}
  void hurry() { hurries_ = true; }
  // All that came until the other end was closed.
  std::string result() {
    hurry();
    thread_.join();
    return got_;
  }

 private:
  void read_all() {
    char piece[4096];
    for (ssize_t count = 1; count > 0;) {
      if (!hurries_) ::poll(nullptr, 0, 20);
      count = ::read(end_, piece, sizeof piece);
      if (count > 0) got_.append(piece, static_cast<std::size_t>(count));
    }
  }

  int end_;
  std::atomic<bool> hurries_ = false;
  std::string got_;
  std::thread thread_;
};

TEST_CASE_METHOD(StdoutFixture, "a slow reader gets all lines, and does not keep sync() for them") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  auto output = open_stdout("metadata: false");
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string document = '"' + std::to_string(i) + std::string(2000, 'x') + '"';
    add(*output, document);
    expected += document + "\n";
  }
  SlowReader reader(ends[0]);
  Result<void> first;
  Result<void> last = unavailable("");
  {
    const StdoutIs changed(ends[1]);
    // All of it would take the reader ten seconds.
    first = output->sync();
    reader.hurry();
    for (int turn = 0; turn < 1000 && !last; ++turn) last = output->sync();
  }
  ::close(ends[1]);
  const std::string got = reader.result();
  ::close(ends[0]);
  CHECK(first.error() == unavailable(""));
  CHECK(last.ok());
  CHECK(got == expected);
}

TEST_CASE_METHOD(StdoutFixture, "a line that a killed sink has begun is not continued by another") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const std::string cut = '"' + std::string(100'000, 'x') + '"';
  const std::string expected = '"' + std::string(100'000, 'y') + '"';
  {
    const StdoutIs changed(ends[1]);
    auto killed = open_stdout("metadata: false");
    add(*killed, "1");
    add(*killed, cut);
    CHECK(killed->sync().error() == unavailable(""));
    // Without end(). The second one dies before it has written anything.
    crash(killed);
    auto second = open_stdout("metadata: false");
    crash(second);
  }
  SlowReader reader(ends[0]);
  reader.hurry();
  {
    const StdoutIs changed(ends[1]);
    for (int life = 0; life < 2; ++life) {
      auto output = open_stdout("metadata: false");
      add(*output, expected);
      Result<void> synced = unavailable("");
      for (int turn = 0; turn < 1000 && !synced; ++turn) synced = output->sync();
      CHECK(synced.ok());
      crash(output);
    }
  }
  ::close(ends[1]);
  const std::string got = reader.result();
  ::close(ends[0]);
  const std::size_t half = got.find('\n', 2);
  REQUIRE(half != got.npos);
  CHECK(got.substr(0, half) == "1\n" + cut.substr(0, half - 2));
  CHECK(half < cut.size());
  CHECK(got.substr(half) == "\n" + expected + "\n" + expected + "\n");
}

TEST_CASE_METHOD(StdoutFixture, "a pipe that is new has no line to end") {
  std::string got;
  for (int life = 0; life < 2; ++life) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    auto output = open_stdout("metadata: false");
    {
      const StdoutIs changed(ends[1]);
      if (life == 0) add(*output, '"' + std::string(100'000, 'x') + '"');
      add(*output, "1");
      CHECK(output->sync().ok() == (life == 1));
    }
    crash(output);
    // So that the second one is another pipe for certain.
    static int kept = -1;
    if (life == 0) kept = dup(ends[0]);
    ::close(ends[1]);
    got = SlowReader(ends[0]).result();
    ::close(ends[0]);
    if (life == 1) ::close(kept);
  }
  CHECK(got == "1\n");
}

TEST_CASE_METHOD(StdoutFixture, "the half of a line in a file is ended before the next document") {
  const bool appends = GENERATE(false, true);
  INFO(appends);
  const std::string path = folder / "out";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | (appends ? O_APPEND : 0), 0600);
  REQUIRE(::write(file, "1\n\"half", 7) == 7);
  const StdoutIs changed(file);
  ::close(file);
  for (int life = 0; life < 2; ++life) {
    auto output = open_stdout("metadata: false");
    add(*output, "2");
    CHECK(output->sync().ok());
    crash(output);
  }
  CHECK(read("out") == "1\n\"half\n2\n2\n");
}

TEST_CASE_METHOD(StdoutFixture, "a sink that ends while nobody reads has cut no line of a pipe") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  auto output = open_stdout("metadata: false");
  for (int i = 0; i < 100; ++i) add(*output, '"' + std::string(3000, 'x') + '"');
  {
    const StdoutIs changed(ends[1]);
    CHECK(output->sync().error() == unavailable(""));
    output->end(Duration::zero());
  }
  ::close(ends[1]);
  const std::string got = SlowReader(ends[0]).result();
  ::close(ends[0]);
  CHECK(got.size() > PIPE_BUF);
  CHECK(got.back() == '\n');
}

TEST_CASE_METHOD(StdoutFixture, "a sink that ends completes a long line that it has begun") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  auto output = open_stdout("metadata: false");
  const std::string document = '"' + std::string(300'000, 'x') + '"';
  add(*output, document);
  add(*output, document);
  std::optional<SlowReader> reader;
  {
    const StdoutIs changed(ends[1]);
    CHECK(output->sync().error() == unavailable(""));
    reader.emplace(ends[0]).hurry();
    output->end(std::chrono::minutes(1));
  }
  ::close(ends[1]);
  const std::string got = reader->result();
  ::close(ends[0]);
  CHECK(got == document + "\n");
}

TEST_CASE_METHOD(StdoutFixture, "a reader of standard output that has gone ends the sink") {
  auto output = open_stdout("metadata: true");
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  ::close(ends[0]);
  add(*output, "1");
  const auto before = signal(SIGPIPE, SIG_IGN);
  Result<void> gone;
  {
    const StdoutIs changed(ends[1]);
    gone = output->sync();
  }
  signal(SIGPIPE, before);
  ::close(ends[1]);
  REQUIRE_FALSE(gone.ok());
  CHECK(gone.error() ==
        corrupt("stdout: write: broken pipe; start again with a reader that stays"));
}

}  // namespace
}  // namespace docmill::test
