// What many files cost: no more for each of them than for few.
#include <fmt/format.h>

#include <chrono>
#include <fstream>

#include "producer/files/file_move.h"
#include "producer/source_context.h"
#include "tests/producer/done_fixture.h"

namespace docmill::test {
namespace {

constexpr std::size_t kFew = 1500;
constexpr std::size_t kMany = 8 * kFew;
// Eight times as many may take eight times as long, and this much more on a busy machine. What is
// quadratic takes sixty-four times as long.
constexpr double kMost = 3.0;

template <typename Work>
double seconds(const Work& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

// Moves so many files of one name, one after the other.
void move_all(const std::filesystem::path& folder, std::size_t count) {
  std::filesystem::create_directories(folder / "in");
  std::filesystem::create_directories(folder / "done");
  MoveTarget target(folder / "done");
  for (std::size_t i = 0; i < count; ++i) {
    std::ofstream(folder / "in/a.xml") << i;
    REQUIRE(target.move(folder / "in/a.xml").ok());
  }
}

TEST_CASE_METHOD(DoneFixture, "a free name among many costs no more than among few") {
  const double few = seconds([&] { move_all(path("few"), kFew); });
  const double many = seconds([&] { move_all(path("many"), kMany); });
  INFO(few << " s for " << kFew << ", " << many << " s for " << kMany);
  CHECK(many < 8 * few * kMost + 0.5);
  const std::string last = fmt::format("many/done/a-{}.xml", kMany);
  CHECK(content(last) == fmt::format("{}", kMany - 1));
}

TEST_CASE_METHOD(DoneFixture, "a new process finds a free name among many at once") {
  std::filesystem::create_directories(path("in"));
  std::filesystem::create_directories(path("done"));
  for (std::size_t i = 1; i <= 1000; ++i) {
    std::ofstream(path("done/" + numbered_name("a.xml", i))) << i;
  }
  std::ofstream(path("in/a.xml")) << "new";
  MoveTarget target(path("done"));
  REQUIRE(target.move(path("in/a.xml")).ok());
  CHECK(content("done/a-1001.xml") == "new");
  std::ofstream(path("in/b.xml")) << "other";
  REQUIRE(target.move(path("in/b.xml")).ok());
  CHECK(content("done/b.xml") == "other");
}

TEST_CASE("rows that are forgotten one group after the other cost the same for each group") {
  const auto forget_all = [](std::size_t count) {
    SourceRows rows;
    std::optional<std::uint64_t> forgotten;
    // Every second one stays, so that what was passed over grows.
    append_rows(rows, std::vector<std::string>(2 * count, "file"));
    for (std::uint64_t number = 0; number < 2 * count; number += 2) {
      rewrite_rows(rows, {{number, ""}}, forgotten);
    }
    CHECK(rows.size() == count + 1);
    CHECK(forgotten == 2 * count - 2);
    CHECK(forgotten_row(rows) == forgotten);
  };
  const double few = seconds([&] { forget_all(kFew * 4); });
  const double many = seconds([&] { forget_all(kMany * 4); });
  INFO(few << " s, " << many << " s");
  CHECK(many < 8 * few * kMost + 0.2);
}

// Each call looks at some of the names, so that the producer hears acks and signals in between.
TEST_CASE_METHOD(DoneFixture, "a search of many files takes many calls and keeps their order") {
  constexpr std::size_t kFiles = 2000;
  for (std::size_t i = 0; i < kFiles; ++i) {
    std::ofstream(path(fmt::format("in/{:06}.txt", i))) << i;
  }
  for (const std::string& more : {std::string("format: text"), std::string("watch: true"),
                                  "claims: '" + path("claims") + "'"}) {
    INFO(more);
    catalog = MemoryCatalog();
    std::size_t busy = 0;
    const std::vector<Seen> all = read_all(*files(more), nullptr, &busy);
    REQUIRE(all.size() == kFiles + 2);
    CHECK((busy >= 3 || catalog.appends > 3));
    for (std::size_t i = 0; i < kFiles; ++i) CHECK(all[i + 1].bytes == fmt::format("{}", i));
  }
}

TEST_CASE_METHOD(DoneFixture, "at the end many files are cleared away in many calls") {
  constexpr std::size_t kFiles = 1000;
  for (std::size_t i = 0; i < kFiles; ++i) std::ofstream(path(fmt::format("in/{}.txt", i))) << "x";
  auto source = files("when_done: delete");
  read_all(*source);
  CHECK_FALSE(source->owes());
  settle(*source, source->position());
  std::size_t calls = 0;
  for (; source->owes(); ++calls) REQUIRE(source->serve().ok());
  CHECK(calls >= 3);
  CHECK(names("in") == "");
}

TEST_CASE_METHOD(DoneFixture, "a folder of many files is searched, read and moved in even time") {
  const auto all = [&](const std::string& name, std::size_t count) {
    std::filesystem::create_directories(path(name));
    for (std::size_t i = 0; i < count; ++i) {
      std::ofstream(path(fmt::format("{}/{:06}.txt", name, i))) << "x";
    }
    catalog = MemoryCatalog();
    return seconds([&] {
      auto source =
          open(files_source(), "{path: '" + path(name) + "', when_done: move, move_to: '" +
                                   path(name + "-done") + "'}");
      REQUIRE(source.ok());
      std::size_t read = 0;
      for (;;) {
        const auto next = (*source)->peek();
        REQUIRE(next.ok());
        if (next->state == Source::State::kEnded) break;
        if (next->state == Source::State::kBusy) continue;
        read += next->state == Source::State::kDocument ? 1 : 0;
        (*source)->take();
        if (read % 100 == 0) settle(**source, (*source)->position());
      }
      settle(**source, (*source)->position());
      while ((*source)->owes()) REQUIRE((*source)->serve().ok());
      CHECK(read == count);
    });
  };
  const double few = all("few", kFew / 3);
  const double many = all("many", kMany / 3);
  INFO(few << " s, " << many << " s");
  CHECK(many < 8 * few * kMost + 1.0);
}

}  // namespace
}  // namespace docmill::test
