#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "sink/outputs/stdout.h"
#include "tests/sink/output_fixture.h"
#include "tests/store/faulty_disk.h"
#include "tests/store/limited_file_size.h"

namespace docmill::test {
namespace {

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

TEST_CASE_METHOD(OutputFixture, "standard output gets a line for each document, group by group") {
  auto output = open(stdout_output(), "metadata: false");
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

TEST_CASE_METHOD(OutputFixture, "a reader that stands still holds a group up, and not the sink") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  auto output = open(stdout_output(), "metadata: false");
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

TEST_CASE_METHOD(OutputFixture, "a reader of standard output that has gone ends the sink") {
  auto output = open(stdout_output(), "metadata: true");
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
