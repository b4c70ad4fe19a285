// What a run says of itself while it runs.
#include "cli/progress.h"

#include "cli/log_tail.h"
#include "tests/store/temp_folder.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

using std::chrono::seconds;

Status producer(const std::string& name, std::uint64_t delivered) {
  return {name,
          "producer",
          {{"read", delivered + 2}, {"delivered", delivered}, {"in_flight", 2}, {"members", 3}}};
}

TEST_CASE("Progress adds up the producers, and its rate is that of the last seconds") {
  Time now{};
  Progress progress(Progress::Style::kLines, 1000, now);
  progress.take(producer("p1", 100), now);
  progress.take(producer("p2", 200), now);
  progress.take({"s1", "sink", {{"delivered", 300}}}, now);
  for (int second = 0; second < 5; ++second) {
    now += seconds(1);
    progress.take(producer("p1", 100 + static_cast<std::uint64_t>(second) * 10), now);
  }
  CHECK(progress.figures().settled() == 340);
  CHECK(progress.figures().read == 344);
  CHECK(progress.figures().members == 3);
  CHECK(progress.figures().rate > 9.9);
  CHECK(progress.figures().rate < 10.1);
  CHECK(progress.figures().waiting == 0);
  progress.take({"s1", "sink", {{"spilled_waiting", 30}}}, now);
  progress.take({"s2", "sink", {{"spilled_waiting", 4}}}, now);
  progress.take({"s1", "sink", {{"spilled_waiting", 20}}}, now);
  progress.take(producer("p1", 140), now);
  CHECK(progress.figures().waiting == 24);
  CHECK(progress.read_by("p2") == 202);
  CHECK(progress.read_by("p3") == 0);
}

TEST_CASE("Progress is a bar where the total is known, and a line elsewhere") {
  Figures figures{.read = 700, .delivered = 590, .dead = 10, .in_flight = 100, .members = 1};
  figures.rate = 1234.5;
  figures.elapsed = seconds(185);
  CHECK(bar_text(figures) == "590 delivered  1,234/s  3m05s  in flight 100  dead 10  members 1");
  CHECK(line_text(figures) ==
        "3m05s: 590 documents delivered, 1,234/s, 100 in flight, 10 dead, 1 member");
  figures.waiting = 1500;
  CHECK(bar_text(figures) ==
        "590 delivered  1,234/s  3m05s  in flight 100  dead 10  members 1  waiting 1,500");
  CHECK(line_text(figures) ==
        "3m05s: 590 documents delivered, 1,234/s, 100 in flight, 10 dead, 1 member, 1,500 waiting "
        "in spools");
  figures.waiting = 0;
  figures.total = 1200;
  CHECK(bar_text(figures) ==
        "50% [#######       ] 600 of 1,200  1,234/s  3m05s  in flight 100  dead 10  members 1");
  CHECK(progress_json(figures) ==
        R"({"event":"progress","seconds":185.0,"read":700,"delivered":590,"filtered":0,"dead":10,)"
        R"("in_flight":100,"members":1,"waiting":0,"rate":1234.5,"total":1200})");
}

TEST_CASE("A log is followed from its present end, line by line") {
  const TempFolder folder;
  write_file(folder / "a.log", "old\n");
  LogTail tail(folder / "a.log");
  CHECK(tail.lines().empty());
  write_file(folder / "a.log", "old\none\ntw");
  CHECK(tail.lines() == std::vector<std::string>{"one"});
  write_file(folder / "a.log", "old\none\ntwo\n");
  CHECK(tail.lines() == std::vector<std::string>{"two"});
  write_file(folder / "a.log", "old\none\ntwo\nthr");
  CHECK(tail.lines().empty());
  write_file(folder / "a.log", "cut\noff\n");
  CHECK(tail.lines() == std::vector<std::string>{"cut", "off"});
}

TEST_CASE("People see warnings, errors and what no daemon logged") {
  const std::string time = "2026-11-22T02:25:44.123Z ";
  CHECK_FALSE(is_for_people(time + "info p1 ready"));
  CHECK_FALSE(is_for_people(time + "debug p1 ready"));
  CHECK(is_for_people(time + "warning p1 slow"));
  CHECK(is_for_people(time + "error p1 gone"));
  CHECK(is_for_people("Assertion failed: errno == 0"));
}

}  // namespace
}  // namespace docmill::test
