// The process, or the machine, dies at each single call of a spool, its ledger and its dead letters
// to the disk: each refused document has one dead letter, and all others reach the server.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "tests/sink/http_fixture.h"
#include "tests/sink/http_server.h"
#include "tests/store/faulty_disk.h"

namespace docmill::test {
namespace {

constexpr std::uint64_t kGroups = 2;
constexpr std::uint32_t kInGroup = 3;

bool is_refused(const std::string& body) { return body.find('7') != std::string::npos; }
// "07" and the like are refused: one of each group.
std::string text(std::uint64_t group, std::uint32_t index) {
  return fmt::format("\"{}{}\"", group, index == 1 ? 7 : index);
}

// A sink's life: groups that its ledger has not settled, then what waits.
void live(HttpFixture& life, const std::string& settings,
          const std::function<void()>& acknowledge) {
  const auto output = life.open(settings);
  LedgerFacts facts;
  const auto commit = [&] {
    if (!life.sync(*output).ok() || !life.dead_letters->sync().ok()) std::abort();
    std::vector<FileMark> marks;
    life.dead_letters->marks(marks);
    const auto with = [&](Transaction& to) {
      spilling(output)->write_mark(to, Spilling::Group::kWith);
    };
    if (!life.ledger->commit(facts, marks, with).ok()) std::abort();
    life.dead_letters->committed();
    spilling(output)->committed();
    if (!output->settle().ok()) std::abort();
  };
  facts.totals = life.ledger->state()->totals;
  while (facts.totals.delivered < kGroups) {
    for (std::uint32_t index = 0; index < kInGroup; ++index) {
      const std::uint64_t group = facts.totals.delivered;
      output->add({"p1", 1, group, index, 0}, {Format::kJson, text(group, index), {}});
    }
    ++facts.totals.delivered;
    commit();
    acknowledge();
  }
  while (spilling(output)->spill().totals.waiting > 0) {
    if (!output->serve().ok()) std::abort();
    if (life.dead_letters->has_group()) commit();
  }
}

TEST_CASE("a refused document has one dead letter, whatever call to the disk was the last") {
  HttpServer server([](const HttpServer::Request& request) {
    return answer_with(is_refused(request.body) ? 422 : 200);
  });
  const std::string settings = "url: " + server.url() + "\nbody: each\non_full: spill";
  int calls = 0;
  for (const Loss loss : {Loss::kNothing, Loss::kUnsynced, Loss::kSome}) {
    bool crashed = true;
    for (int call = 1; crashed; ++call, ++calls) {
      HttpFixture life;
      // The child works on its own copy, in the same folder.
      const auto work = [&](const auto& acknowledge) { live(life, settings, acknowledge); };
      crashed = crash_at(call, loss, 1, work).crashed;
      INFO("loss " << static_cast<int>(loss) << ", call " << call);
      FaultyDisk disk;
      disk.skip_syncs();
      live(life, settings, [] {});
      const SpoolTotals expected{kGroups * (kInGroup - 1), kGroups, 0, 0};
      CHECK(life.spool_mark().totals == expected);
      const std::string letters = life.read("dead.ndjson");
      CHECK(static_cast<std::uint64_t>(std::count(letters.begin(), letters.end(), '\n')) ==
            kGroups);
      for (std::uint64_t group = 0; group < kGroups; ++group) {
        CHECK(letters.find(fmt::format("\"sequence\":{},\"index\":1", group)) != letters.npos);
      }
    }
  }
  CHECK(calls > 100);
}

}  // namespace
}  // namespace docmill::test
