// What the sink does between the commit of a group and the end of its settle().
#include <atomic>
#include <optional>

#include "shared/config/routed_output.h"
#include "sink/group_commit.h"
#include "tests/sink/fake_output.h"
#include "tests/sink/http_fixture.h"
#include "tests/sink/http_server.h"

namespace docmill::test {
namespace {

// A file that cannot settle, then a spool whose server answers.
struct UnsettledFixture : HttpFixture {
  UnsettledFixture() {
    auto first = std::make_unique<FakeOutput>();
    file = first.get();
    outputs.push_back(std::move(first));
    outputs.push_back(open("url: " + server.url() + "\nbody: each\non_full: spill"));
    LedgerState empty;
    empty.id = 9;
    core.emplace("s1", std::move(empty));
    group.emplace(GroupCommit::Parts{.store = ledger.get(),
                                     .core = &*core,
                                     .dead_letters = dead_letters.get(),
                                     .outputs = &outputs,
                                     .documents = nullptr,
                                     .publisher = nullptr});
  }
  Output& spool() { return *outputs[1]; }
  Result<void> commit_document(Sequence sequence, const std::string& bytes) {
    BatchHeader header;
    header.lineage = {.producer = "p1", .epoch = 7};
    header.run = {1, 1};
    header.sequence = sequence;
    header.documents = 1;
    header.share = {{0, 1}};
    header.sinks = {"s1"};
    REQUIRE(core->judge(header).verdict == Verdict::kWrite);
    for (const auto& output : outputs) {
      output->add({"p1", 7, sequence, 0, 0}, {Format::kJson, bytes, {}});
    }
    core->settle(header, {{0, 1, Outcome::kDelivered}}, 1);
    REQUIRE(group->begin(Time{}, false));
    auto done = group->advance();
    if (done) core->committed();
    return done;
  }
  void serve_all() {
    while (spool().waits()) REQUIRE(spool().serve().ok());
  }

  std::atomic<int> status = 200;
  HttpServer server{[this](const auto&) { return answer_with(status); }};
  std::vector<std::unique_ptr<Output>> outputs;
  FakeOutput* file = nullptr;
  std::optional<LedgerCore> core;
  std::optional<GroupCommit> group;
};

TEST_CASE_METHOD(UnsettledFixture,
                 "a group whose files cannot settle stays in the spool when the sink is stopped") {
  REQUIRE(commit_document(1, "1").ok());
  serve_all();
  file->settles = {unavailable("no space")};
  CHECK(commit_document(2, "2").error() == unavailable("no space"));
  CHECK(group->committed());
  // The destructor has a position of its own to commit: the server took the first document.
  outputs.clear();
  CHECK(spool_mark().totals.waiting + spool_mark().totals.delivered == 2);
  outputs.push_back(open("url: " + server.url() + "\nbody: each\non_full: spill"));
  while (outputs[0]->waits()) REQUIRE(outputs[0]->serve().ok());
  CHECK(server.requests().back().body == "2");
}

TEST_CASE_METHOD(UnsettledFixture,
                 "a position that is committed before the files have settled has their group") {
  status = 500;
  REQUIRE(commit_document(1, "1").ok());
  file->settles = {unavailable("no space")};
  CHECK(commit_document(2, "2").error() == unavailable("no space"));
  CHECK(spool_mark().totals == SpoolTotals{0, 0, 2, 0});
  status = 200;
  // Until the position is in the ledger, which it must come to beside the commit.
  while (spool_mark().totals.delivered < 2) {
    REQUIRE(spool().serve().ok());
    const SpoolTotals totals = spool_mark().totals;
    REQUIRE(totals.waiting + totals.delivered == 2);
  }
}

TEST_CASE_METHOD(UnsettledFixture, "an output that cannot settle holds up no other output") {
  auto last = std::make_unique<FakeOutput>();
  FakeOutput* const other = last.get();
  outputs.push_back(std::move(last));
  file->settles = {unavailable("no space"), unavailable("no space")};
  CHECK(commit_document(1, "1").error() == unavailable("no space"));
  CHECK(other->settled == std::vector<std::string>{"1"});
  CHECK(group->advance().error() == unavailable("no space"));
  CHECK(group->advance().ok());
  CHECK(file->settled == std::vector<std::string>{"1"});
  CHECK(other->settled == std::vector<std::string>{"1"});
}

TEST_CASE_METHOD(UnsettledFixture,
                 "a disk that fails in settle() ends the commit, also behind one that is full") {
  auto last = std::make_unique<FakeOutput>();
  last->settles = {corrupt("a.json: input/output error")};
  outputs.push_back(std::move(last));
  file->settles = {unavailable("no space")};
  CHECK(commit_document(1, "1").error() == corrupt("a.json: input/output error"));
}

TEST_CASE_METHOD(HttpFixture,
                 "a spool that does not know how a commit ended leaves its mark alone") {
  HttpServer server([](const auto&) { return answer_with(200); });
  const std::string settings = "url: " + server.url() + "\nbody: each\non_full: spill";
  auto output = open(settings);
  output->add(id(0), {Format::kJson, "0", {}});
  commit(*output);
  while (output->waits()) REQUIRE(output->serve().ok());
  output->add(id(1), {Format::kJson, "1", {}});
  commit_ledger(*output);
  output.reset();
  REQUIRE(spool_mark().totals.waiting > 0);
  output = open(settings);
  while (output->waits()) REQUIRE(output->serve().ok());
  CHECK(server.requests().back().body == "1");
}

}  // namespace
}  // namespace docmill::test
