#include <random>

#include "tests/producer/follow_fixture.h"
#include "tests/store/limited_file_size.h"

namespace docmill::test {
namespace {

TEST_CASE_METHOD(FollowFixture, "lines come as they are written, each when it is whole") {
  auto source = follow();
  CHECK(log.lines == std::vector{path("a.log") + " is not there yet; it is waited for"});
  CHECK(seen_now(*source) == "^ ~");
  append("1\n2\nthr");
  CHECK(seen_now(*source) == "1 2 ~");
  append("ee\r\n\n4\n");
  CHECK(seen_now(*source) == "three 4 ~");
}

TEST_CASE_METHOD(FollowFixture, "a file that was renamed is read to its end, beside the next one") {
  append("1\n");
  auto source = follow();
  CHECK(seen_now(*source) == "^ 1 ~");
  rename("a.log", "a.log.1");
  append("2\n", "a.log.1");
  CHECK(seen_now(*source) == "2 ~");
  append("4\n");
  append("3\nend", "a.log.1");
  CHECK(seen_now(*source) == "3 4 ~");
  clock.time += std::chrono::seconds(6);
  CHECK(seen_now(*source) == "end ~");
  CHECK(seen_now(*source) == "~");
  append("late\n", "a.log.1");
  append("5\n");
  CHECK(seen_now(*source) == "5 ~");
}

TEST_CASE_METHOD(FollowFixture,
                 "a line that is half written when its file is renamed stays one line") {
  append("1\n");
  auto source = follow();
  CHECK(seen_now(*source) == "^ 1 ~");
  // Nobody looked for long.
  clock.time += std::chrono::seconds(6);
  append("2\nthr");
  rename("a.log", "a.log.1");
  append("4\n");
  CHECK(seen_now(*source) == "2 4 ~");
  append("ee\nfi", "a.log.1");
  CHECK(seen_now(*source) == "three ~");
  clock.time += std::chrono::seconds(6);
  CHECK(seen_now(*source) == "fi ~");
  // Nothing came for long.
  append("si");
  CHECK(seen_now(*source) == "~");
  clock.time += std::chrono::seconds(6);
  rename("a.log", "a.log.2");
  append("7\n");
  CHECK(seen_now(*source) == "7 ~");
  append("x\n", "a.log.2");
  CHECK(seen_now(*source) == "six ~");
}

TEST_CASE_METHOD(FollowFixture, "a file that was cut is read anew, and that is said") {
  append("1\n2\n");
  auto source = follow();
  CHECK(seen_now(*source) == "^ 1 2 ~");
  write("a.log", "3\n");
  CHECK(seen_now(*source) == "3 ~");
  // As long as before, and longer: the beginning tells.
  write("a.log", "4\n");
  CHECK(seen_now(*source) == "4 ~");
  write("a.log", "5\n6\n7\n");
  CHECK(seen_now(*source) == "5 6 7 ~");
  const std::string cut = path("a.log") +
                          ": was cut and is read from its beginning; what was written to it after "
                          "the last look and before the cut is lost";
  CHECK(log.lines == std::vector(3, cut));
}

TEST_CASE_METHOD(FollowFixture,
                 "after a crash each line is there once, whatever became of the file") {
  append("1\n2\n");
  {
    auto source = follow();
    CHECK(seen_now(*source) == "^ 1 2 ~");
  }
  append("3\nha");
  rename("a.log", "a.log.2");
  append("4\n", "a.log.1");
  append("5\n");
  write("a.log.3.gz", "no line of it\n");
  auto source = follow();
  CHECK(seen_now(*source) == "1 2 ^ 3 4 5 ~");
  append("lf\n", "a.log.2");
  CHECK(seen_now(*source) == "half ~");
  const std::string position = source->position();
  REQUIRE(source->settled(position).ok());
  source.reset();
  append("6\n");
  CHECK(seen_now(*follow(position)) == "^ 6 ~");
}

TEST_CASE_METHOD(FollowFixture, "what is gone after a crash is told with how much of it was read") {
  append("1\n2\n");
  {
    auto source = follow();
    CHECK(seen_now(*source) == "^ 1 2 ~");
    REQUIRE(source->settled(source->position()).ok());
  }
  std::filesystem::remove(path("a.log"));
  log.lines.clear();
  auto source = follow("spool 1 4294967297");
  CHECK(log.lines.back() ==
        path("a.log") +
            ": the files that were read before are away; waiting for them or for a new one");
  CHECK(seen_now(*source) == "^ ~");
  append("3\n");
  CHECK(seen_now(*source) == "3 ~");
  CHECK(log.lines.back() ==
        path("a.log") +
            ": the file of which 4 bytes were read is not there any more, or was cut; "
            "what it had behind them is lost");
}

TEST_CASE_METHOD(FollowFixture,
                 "what the disk did not take is read again, and nothing is skipped") {
  auto source = follow();
  append("1\n");
  CHECK(seen_now(*source) == "^ 1 ~");
  append(std::string(5000, 'x') + "\n2\n");
  {
    const LimitedFileSize limited(1000);
    CHECK(seen_now(*source) == "~");
    // It must not be written down as read.
    REQUIRE(source->settled(source->position()).ok());
  }
  const std::string position = source->position();
  source.reset();
  CHECK(seen_now(*follow(position)) == "^ " + std::string(5000, 'x') + " 2 ~");
}

TEST_CASE_METHOD(FollowFixture, "settled lines give their room back while newer ones wait for it") {
  const std::string first(10'000, 'a');
  const std::string second(10'000, 'b');
  const std::string third(15'000, 'c');
  const auto spool_bytes = [&] {
    std::uintmax_t bytes = 0;
    for (const auto& one : std::filesystem::directory_iterator(path("spool"))) {
      bytes += one.file_size();
    }
    return bytes;
  };
  const auto fills_the_disk = [&](std::unique_ptr<Source> source, const std::string& seen_before) {
    append(third + "\n");
    {
      const LimitedFileSize limited(14'000);
      CHECK(seen_now(*source) == seen_before + "~");
      CHECK(spool_bytes() > 20'000);
      REQUIRE(source->settled(source->position()).ok());
      clock.time += std::chrono::seconds(3);
      CHECK(seen_now(*source) == "~");
      CHECK(spool_bytes() < 5'000);
    }
    clock.time += std::chrono::seconds(3);
    CHECK(seen_now(*source).ends_with(third + " ~"));
  };
  append(first + "\n");
  auto source = follow();
  CHECK(seen_now(*source) == "^ " + first + " ~");
  append(second + "\n");
  CHECK(seen_now(*source) == second + " ~");
  SECTION("in one run") { fills_the_disk(std::move(source), ""); }
  SECTION("after a restart") {
    source.reset();
    fills_the_disk(follow(), first + " " + second + " ^ ");
  }
  SECTION("after a restart, with a renamed file whose lines the spool has, too") {
    rename("a.log", "a.log.1");
    append("4\n");
    CHECK(seen_now(*source) == "4 ~");
    append("5\n");
    CHECK(seen_now(*source) == "5 ~");
    source.reset();
    append("end of it\n", "a.log.1");
    fills_the_disk(follow(), first + " " + second + " 4 5 ^ ");
  }
}

TEST_CASE_METHOD(FollowFixture, "with crashes and rotations at random every line comes once") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  int written = 0;
  int rotations = 0;
  append(std::to_string(written++) + "\n");
  CrashingReader reader(*this);
  REQUIRE(reader.source->serve().ok());  // what was renamed before is not its business
  for (int round = 0; round < 400; ++round) {
    for (auto i = random() % 5; i > 0; --i) append(std::to_string(written++) + "\n");
    if (random() % 10 == 0 && std::filesystem::exists(path("a.log"))) {
      rename("a.log", "a.log." + std::to_string(++rotations));
    }
    clock.time += std::chrono::milliseconds(200);
    if (random() % 3 != 0) REQUIRE(reader.source->serve().ok());
    reader.read(random);
  }
  reader.read_rest(3);
  std::sort(reader.lines.begin(), reader.lines.end());
  std::vector<int> expected(static_cast<std::size_t>(written));
  for (int i = 0; i < written; ++i) expected[static_cast<std::size_t>(i)] = i;
  std::string twice;
  for (std::size_t i = 1; i < reader.lines.size(); ++i) {
    if (reader.lines[i] == reader.lines[i - 1]) twice += std::to_string(reader.lines[i]) + " ";
  }
  CHECK(twice == "");
  REQUIRE(reader.lines.size() == expected.size());
  CHECK(std::equal(reader.lines.begin(), reader.lines.end(), expected.begin()));
}

TEST_CASE_METHOD(FollowFixture, "files that other programs keep beside a log are not read") {
  append("1\n");
  auto source = follow();
  CHECK(seen_now(*source) == "^ 1 ~");
  for (const char* end :
       {".offset", ".pos", ".lock", ".swp", ".1.tmp", ".1.lz4", ".1.Z", ".1.gz"}) {
    write(std::string("a.log") + end, "no line\n");
  }
  rename("a.log", "a.log.tmp");
  append("2\n", "a.log.tmp");
  append("3\n");
  CHECK(seen_now(*source) == "2 3 ~");
  // A name that tells nothing may be that of a rotated file.
  append("4\n", "a.log-old.tmpl");
  rename("a.log", "a.log.1");
  append("5\n");
  CHECK(seen_now(*source) == "4 5 ~");
}

TEST_CASE_METHOD(FollowFixture, "a followed file may have the name of a helper") {
  append("1\n", "a.pos");
  auto source = follow_path(path("a.pos"));
  CHECK(seen_now(*source) == "^ 1 ~");
  rename("a.pos", "a.pos.1");
  append("2\n", "a.pos");
  CHECK(seen_now(*source) == "2 ~");
}

TEST_CASE_METHOD(FollowFixture, "what is no file, and a position of another kind, are refused") {
  std::filesystem::create_directory(path("a.log"));
  const auto refused = open(follow_source(), "path: " + path("a.log"));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().text ==
        path("a.log") + ": expected a file that grows, found something else; name a file");
  write("follow.position", "follow 9 x\n");
  std::filesystem::remove(path("a.log"));
  const auto other = open(follow_source(), "path: " + path("a.log"));
  REQUIRE_FALSE(other.ok());
  CHECK(other.error() ==
        corrupt(path("follow.position") +
                ": expected a position of version 2, found 'follow 9 x'; use the docmill that "
                "wrote it, or start over with --fresh"));
}

TEST_CASE_METHOD(FollowFixture,
                 "a kept position that cannot be read is an error, not a beginning") {
  const std::string kept = path("follow.position");
  const auto refused = [&] {
    const auto source = open(follow_source(), "path: " + path("a.log"));
    REQUIRE_FALSE(source.ok());
    return source.error();
  };
  append("1\n");
  std::filesystem::create_symlink("follow.position", kept);
  CHECK(refused() == config_error(kept + ": open: too many levels of symbolic links; let this user "
                                         "read it"));
  std::filesystem::remove(kept);
  std::filesystem::create_directory(kept);
  CHECK(refused() == config_error(kept + ": read: is a directory; check the disk"));
  std::filesystem::remove(kept);
  write("follow.position", "");
  CHECK(refused() ==
        corrupt(kept + ": expected a position of version 2, found ''; use the docmill that "
                       "wrote it, or start over with --fresh"));
}

}  // namespace
}  // namespace docmill::test
