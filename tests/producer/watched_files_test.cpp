// `files` and `lines` with `watch: true`.
#include <fcntl.h>
#include <unistd.h>

#include "tests/producer/source_fixture.h"

namespace docmill::test {
namespace {

struct WatchFixture : SourceFixture {
  WatchFixture() { std::filesystem::create_directory(path("in")); }

  std::unique_ptr<Source> watch(const std::string& position = "") {
    auto source = open(files_source(), "{watch: true, path: '" + path("in") + "/*.txt'}", position);
    INFO((source ? "" : source.error().text));
    REQUIRE(source.ok());
    return std::move(*source);
  }
  static std::string seen_now(Source& source) {
    REQUIRE(source.serve().ok());
    return outline(read_all(source));
  }
};

TEST_CASE_METHOD(WatchFixture,
                 "files are taken as they are closed or renamed in, and it never ends") {
  write("in/b.txt", "1");
  auto source = watch();
  CHECK(seen_now(*source) == "^ 1 ~");
  write("in/a.txt", "2");
  write("other", "3");
  CHECK(seen_now(*source) == "2 ~");
  std::filesystem::rename(path("other"), path("in/c.txt"));
  write("in/none.tmp", "no");
  CHECK(seen_now(*source) == "3 ~");
  CHECK(seen_now(*source) == "~");
  CHECK(source->fd() >= 0);
}

TEST_CASE_METHOD(WatchFixture, "a file that is being written is not taken, at the start neither") {
  const int first = ::open(path("in/a.txt").c_str(), O_WRONLY | O_CREAT, 0600);
  REQUIRE(::write(first, "ha", 2) == 2);
  auto source = watch();
  CHECK(seen_now(*source) == "^ ~");
  write("in/b.txt", "b");
  CHECK(seen_now(*source) == "b ~");
  REQUIRE(::write(first, "lf", 2) == 2);
  clock.time += std::chrono::seconds(10);
  CHECK(seen_now(*source) == "~");
  close(first);
  CHECK(seen_now(*source) == "half ~");
}

TEST_CASE_METHOD(WatchFixture,
                 "a name that comes again is another file, and a later run knows it") {
  auto source = watch();
  write("in/a.txt", "first");
  CHECK(seen_now(*source) == "^ first ~");
  std::filesystem::remove(path("in/a.txt"));
  CHECK(seen_now(*source) == "~");
  write("in/a.txt", "second");
  CHECK(seen_now(*source) == "second ~");
  const std::string position = source->position();
  source.reset();
  source = watch(position);
  CHECK(seen_now(*source) == "^ ~");
  write("in/a.txt", "third");
  CHECK(seen_now(*source) == "third ~");
}

TEST_CASE_METHOD(WatchFixture,
                 "after a crash what came comes again, in the order in which it came") {
  {
    auto source = watch();
    write("in/b.txt", "1");
    CHECK(seen_now(*source) == "^ 1 ~");
    write("in/a.txt", "2");
    CHECK(seen_now(*source) == "2 ~");
  }
  write("in/0.txt", "3");
  CHECK(seen_now(*watch()) == "1 2 ^ 3 ~");
}

TEST_CASE_METHOD(WatchFixture, "a folder that goes and comes back is watched on") {
  auto source = watch();
  CHECK(seen_now(*source) == "^ ~");
  for (const std::string number : {"1", "2"}) {
    log.lines.clear();
    std::filesystem::remove_all(path("in"));
    for (int looks = 0; looks < 3; ++looks) {
      clock.time += std::chrono::seconds(3);
      CHECK(seen_now(*source) == "~");
    }
    CHECK(log.lines ==
          std::vector<std::string>{"producer.source.files.path: expected the folder " + path("in") +
                                   ", found none; make it: it is looked for every 2s"});
    std::filesystem::create_directory(path("in"));
    write("in/a.txt", number);
    clock.time += std::chrono::seconds(3);
    CHECK(seen_now(*source) == number + " ~");
    CHECK(log.lines.back() == "producer.source.files.path: " + path("in/*.txt") + " is read again");
    write("in/b.txt", number);
    CHECK(seen_now(*source) == number + " ~");
  }
}

// For its life this process may read as little as anybody; root may read everything.
struct Nobody {
  Nobody() {
    if (geteuid() == 0) REQUIRE(seteuid(65534) == 0);
  }
  ~Nobody() {
    if (getuid() == 0) REQUIRE(seteuid(0) == 0);
  }
};

TEST_CASE_METHOD(WatchFixture, "a folder that may not be read is said once, and read when it may") {
  std::filesystem::permissions(folder, std::filesystem::perms(0755));
  auto source = watch();
  CHECK(seen_now(*source) == "^ ~");
  write("in/a.txt", "1");
  std::filesystem::permissions(path("in"), std::filesystem::perms(0));
  {
    const Nobody nobody;
    for (int looks = 0; looks < 3; ++looks) {
      clock.time += std::chrono::seconds(3);
      CHECK(seen_now(*source) == "~");
    }
  }
  CHECK(log.lines ==
        std::vector<std::string>{
            "producer.source.files.path: " + path("in/*.txt") +
            ": permission denied; make it readable for this user, or correct the path"});
  std::filesystem::permissions(path("in"), std::filesystem::perms(0755));
  clock.time += std::chrono::seconds(3);
  CHECK(seen_now(*source) == "1 ~");
  CHECK(log.lines.back() == "producer.source.files.path: " + path("in/*.txt") + " is read again");
}

TEST_CASE_METHOD(WatchFixture,
                 "files of many records are told apart, and claims do not go with it") {
  auto source = open(lines_source(), "{watch: true, path: '" + path("in") + "'}");
  REQUIRE(source.ok());
  write("in/a", "1\n2\n");
  CHECK(seen_now(**source) == "^ 1 2 | ~");
  write("in/b", "3\n");
  CHECK(seen_now(**source) == "3 | ~");
  for (const auto& component : {files_source(), lines_source()}) {
    const auto refused = open(component, "{watch: true, path: in, claims: claims}");
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().text ==
          "settings:1: watch cannot share files by claims; give each producer a folder, with "
          "{producer} in the path\n");
  }
}

TEST_CASE_METHOD(WatchFixture, "a link that leads to itself does not hide the other files") {
  write("in/a.txt", "1");
  std::filesystem::create_symlink("loop.txt", path("in/loop.txt"));
  write("in/z.txt", "2");
  auto source = watch();
  CHECK(seen_now(*source) == "^ 1 2 ~");
  clock.time += std::chrono::seconds(10);
  CHECK(seen_now(*source) == "~");
  CHECK(log.lines == std::vector<std::string>{
                         "producer.source.files.path: " + path("in/loop.txt") +
                         ": too many levels of symbolic links; this link is passed over; mend or "
                         "remove it"});
}

}  // namespace
}  // namespace docmill::test
