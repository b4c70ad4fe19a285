// A spool that lacks something for a while: descriptors, or commits.
#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>

#include "tests/sink/http_fixture.h"
#include "tests/sink/http_server.h"

namespace docmill::test {
namespace {

// For its life this process can open no more files.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit none = before_;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

TEST_CASE_METHOD(HttpFixture, "a spool without descriptors can be served again later") {
  HttpServer server([](const auto&) { return answer_with(200); });
  auto output = open("url: " + server.url() + "\nbody: each\non_full: spill");
  for (std::uint32_t i = 0; i < 5; ++i) output->add(id(i), {Format::kJson, "1", {}});
  commit_ledger(*output);
  dead_letters->committed();
  spilling(output)->committed();
  {
    const NoDescriptors none;
    const auto served = output->serve();
    REQUIRE_FALSE(served.ok());
    CHECK(served.error().code == ErrorCode::kUnavailable);
    // The group is settled, whatever can be sent now.
    CHECK(output->settle().ok());
  }
  while (spilling(output)->spill().totals.waiting > 0) REQUIRE(output->serve().ok());
  CHECK(spilling(output)->spill().totals == SpoolTotals{5, 0, 0, 0});
}

TEST_CASE_METHOD(HttpFixture, "no more refused documents wait in memory than a commit is worth") {
  HttpServer server([](const auto&) { return answer_with(422); });
  auto output = open("url: " + server.url() + "\nbody: each\non_full: spill");
  const std::string document = '"' + std::string(100'000, 'x') + '"';
  constexpr std::uint64_t kDocuments = 60;
  for (std::uint32_t i = 0; i < kDocuments; ++i) {
    output->add(id(i), {Format::kJson, document, {}});
    if (output->full(0)) commit(*output);
  }
  commit(*output);
  for (std::uint64_t before = 0; dead_letters->added() < kDocuments;
       before = dead_letters->added()) {
    // Until nothing more happens without a commit.
    pollfd answers{output->fd(), POLLIN, 0};
    do {
      REQUIRE(output->serve().ok());
    } while (poll(&answers, 1, 500) > 0);
    CHECK(dead_letters->added() > before);
    CHECK(dead_letters->added() - before <= 15);
    commit(*output);
  }
  CHECK(spilling(output)->spill().totals == SpoolTotals{0, kDocuments, 0, 0});
}

TEST_CASE_METHOD(HttpFixture,
                 "a server that refuses everything does not let a spool outgrow its room") {
  HttpServer server([](const auto&) { return answer_with(422); });
  auto output = open("url: " + server.url() + "\nbody: each\non_full: spill\nspill: 4MiB");
  Spilling& spool = *spilling(output);
  const std::string document = '"' + std::string(100'000, 'x') + '"';
  const auto size = [&] {
    std::uintmax_t sum = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "state/s1")) {
      if (!entry.is_directory()) continue;
      for (const auto& file : std::filesystem::directory_iterator(entry)) sum += file.file_size();
    }
    return sum;
  };
  constexpr std::uint64_t kDocuments = 300;
  std::uint64_t commits = 0;
  for (std::uint32_t i = 0; i < kDocuments; ++i) {
    output->add(id(i), {Format::kJson, document, {}});
    if (!output->full(0) && i + 1 < kDocuments) continue;
    while (!sync(*output, [&] { return spool.needs_commit(); }).ok()) {
      REQUIRE(spool.needs_commit());
      commit_refused(*output);
      ++commits;
    }
    commit(*output);
    CHECK(size() < 8 << 20);
  }
  CHECK(commits > 10);
  while (spool.spill().totals.waiting > 0) {
    REQUIRE(output->serve().ok());
    if (dead_letters->has_group()) commit(*output);
  }
  CHECK(spool.spill().totals == SpoolTotals{0, kDocuments, 0, 0});
  CHECK(spool_mark().totals == SpoolTotals{0, kDocuments, 0, 0});
  const std::string dead = read("dead.ndjson");
  CHECK(std::count(dead.begin(), dead.end(), '\n') == kDocuments);
}

TEST_CASE_METHOD(HttpFixture, "a full spool is logged once a minute, however many groups wait") {
  auto output = open("url: http://127.0.0.1:1/\non_full: spill\nspill: 1MiB");
  const std::string document = '"' + std::string(1 << 20, 'x') + '"';
  output->add(id(0), {Format::kJson, document, {}});
  commit(*output);
  const auto full = [&] {
    return std::count_if(log.lines.begin(), log.lines.end(), [](const std::string& line) {
      return line.find(" is full; ") != line.npos;
    });
  };
  output->add(id(1), {Format::kJson, document, {}});
  for (int group = 0; group < 5; ++group) CHECK(output->sync().error() == unavailable(""));
  CHECK(full() == 1);
}

TEST_CASE_METHOD(HttpFixture, "an empty spool takes a group that is larger than all of its room") {
  struct Group {
    std::uint32_t documents;
    std::size_t bytes;  // of each
  };
  const auto group = GENERATE(Group{70, 1 << 20}, Group{1, 70 << 20});
  // Nobody answers.
  const std::string settings = "url: http://127.0.0.1:1/\non_full: spill\nspill: 1MiB";
  auto output = open(settings);
  const std::string document = '"' + std::string(group.bytes, 'x') + '"';
  for (std::uint32_t i = 0; i < group.documents; ++i) {
    output->add(id(i), {Format::kJson, document, {}});
  }
  CHECK(output->full(0));
  commit(*output);
  CHECK(output->take_rejected().empty());
  CHECK(spool_mark().totals.waiting == group.documents);
  // The next one waits, however small.
  output->add(id(group.documents), {Format::kJson, "1", {}});
  CHECK(output->sync().error() == unavailable(""));
  output.reset();
  output = open(settings);
  CHECK(spilling(output)->spill().totals.waiting == group.documents);
}

TEST_CASE_METHOD(HttpFixture, "an output whose server is silent does not keep the others waiting") {
  std::atomic<bool> silent = true;
  HttpServer server([&](const auto&) {
    while (silent) poll(nullptr, 0, 10);
    return answer_with(200);
  });
  auto output = open("url: " + server.url());
  output->add(id(0), {Format::kJson, "1", {}});
  const auto begin = std::chrono::steady_clock::now();
  for (int turn = 0; turn < 50; ++turn) CHECK(output->sync().error() == unavailable(""));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
  CHECK(output->fd() >= 0);
  silent = false;
  CHECK(sync(*output).ok());
}

}  // namespace
}  // namespace docmill::test
