// A sink's outputs around a table whose column n must not be 5, and the commit of their groups.
#pragma once

#include "shared/config/routed_output.h"
#include "sink/files.h"
#include "sink/group_commit.h"
#include "tests/sink/fake_output.h"
#include "tests/sink/sqlite_fixture.h"

namespace docmill::test {

using Documents = std::vector<std::string>;

struct CommitFixture : SqliteFixture {
  CommitFixture() {
    std::filesystem::create_directories(folder / "out/s1");
    other = std::make_unique<Other>(path());
    other->ask("CREATE TABLE t (n CHECK (n <> 5))");
    table = add_output(open("table: t\ncolumns: { n: /n }"), "sink.outputs.sqlite");
    auto file = open_sink_file(folder / "dead.ndjson", context());
    REQUIRE(file.ok());
    dead_letters.emplace(std::move(*file));
    LedgerState empty;
    empty.id = 9;
    core.emplace("s1", std::move(empty));
  }

  template <typename T>
  T* add_output(std::unique_ptr<T> output, const std::string& place,
                const std::vector<std::string>& takes = {}) {
    T* added = output.get();
    outputs.push_back(std::move(output));
    places.push_back(place);
    chosen.push_back({.key = place, .config = RoutedOutput{takes, {}}, .line = 1, .canonical = {}});
    return added;
  }
  FakeOutput* add_fake(Rejects when, const std::vector<std::string>& takes = {}) {
    return add_output(std::make_unique<FakeOutput>(when), "sink.outputs.fake", takes);
  }

  // When all outputs were added.
  void begin() {
    routes.emplace(outputs, chosen);
    documents.emplace(outputs, places, *routes);
    commit.emplace(GroupCommit::Parts{.store = ledger.get(),
                                      .core = &*core,
                                      .dead_letters = &*dead_letters,
                                      .outputs = &outputs,
                                      .documents = &*documents});
  }
  // A batch of inputs, each with the documents that were made of it.
  void add(Sequence sequence, const std::vector<Documents>& inputs, std::string_view notes = {}) {
    BatchHeader header;
    header.lineage = {.producer = "p1", .epoch = 7};
    header.run = {1, 1};
    header.sequence = sequence;
    header.documents = static_cast<std::uint32_t>(inputs.size());
    header.share = {{0, header.documents}};
    header.sinks = {"s1"};
    REQUIRE(core->judge(header).verdict == Verdict::kWrite);
    std::uint64_t written = 0;
    for (std::uint32_t index = 0; index < header.documents; ++index) {
      std::uint32_t part = 0;
      for (const std::string& bytes : inputs[index]) {
        const Entry entry{EntryKind::kDocument, index, {Format::kJson, bytes, {}, notes}, {}};
        documents->add(header, {"p1", 7, sequence, index, part++}, entry,
                       routes->takers(entry.document), 0);
        ++written;
      }
    }
    core->settle(header, {{0, header.documents, Outcome::kDelivered}}, written);
  }
  void finish() {
    const auto done = commit->advance();
    INFO((done ? "" : done.error().text));
    REQUIRE(done.ok());
    CHECK_FALSE(commit->active());
    core->committed();
  }
  std::string dead() const {
    std::string found;
    const std::string text = read("dead.ndjson");
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
      const std::string line = text.substr(at, text.find('\n', at) - at);
      const std::size_t stage = line.find("\"stage\"");
      found += line.substr(12, line.find(",\"format\"") - 12) + " " +
               line.substr(stage, line.find(",\"source\"") - stage) + "\n";
    }
    return found;
  }
  const LedgerTotals& totals() const { return core->state().totals; }

  std::unique_ptr<Other> other;
  std::vector<std::unique_ptr<Output>> outputs;
  std::vector<std::string> places;
  std::vector<Component> chosen;
  std::optional<OutputRoutes> routes;
  std::optional<DeadLetters> dead_letters;
  std::optional<LedgerCore> core;
  std::optional<GroupDocuments> documents;
  std::optional<GroupCommit> commit;
  Output* table = nullptr;
};

inline const std::string kFiveIsDead =
    R"("{\"n\":5}" "stage":"sink.outputs.sqlite","error":"CHECK constraint failed: n <> 5")"
    "\n";

}  // namespace docmill::test
