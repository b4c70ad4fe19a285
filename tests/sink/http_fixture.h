// The http output, opened by its settings, with dead letters.
#pragma once

#include <poll.h>

#include <functional>

#include "shared/config/yaml.h"
#include "sink/dead_letters.h"
#include "sink/files.h"
#include "sink/outputs/http.h"
#include "sink/spilling.h"
#include "tests/sink/sink_fixture.h"

namespace docmill::test {

struct HttpFixture : SinkFixture {
  Result<std::unique_ptr<Output>> try_open(const std::string& settings) {
    const OutputComponent component = http_output();
    Findings findings;
    const Place place(findings, "test.yaml");
    const auto node = parse_yaml(settings, place);
    const std::any config = component.schema.parse(*node, place);
    if (!findings.empty()) return config_error(findings.text());
    if (!dead_letters) {
      auto file = open_sink_file(folder / "dead.ndjson", context());
      REQUIRE(file.ok());
      dead_letters = std::make_unique<DeadLetters>(std::move(*file));
    }
    OutputContext with = context();
    with.clock = &clock;
    with.folder = folder / "state/s1";
    with.dead_letters = dead_letters.get();
    with.place = "sink.outputs.http";
    return component.open(config, with);
  }
  std::unique_ptr<Output> open(const std::string& settings) {
    auto output = try_open(settings);
    INFO((output ? "" : output.error().text));
    REQUIRE(output.ok());
    return std::move(*output);
  }
  // As the sink does it: until it is done, has said what is wrong, or waits for something else.
  Result<void> sync(
      Output& output, const std::function<bool()>& waits = [] { return false; }) {
    for (int turn = 0; turn < 1000; ++turn) {
      auto synced = output.sync();
      if (synced || !synced.error().text.empty() || waits()) return synced;
      pollfd answers{output.fd(), POLLIN, 0};
      poll(&answers, 1, 20);
    }
    FAIL("sync() never ends");
    return {};
  }

  // The end of a group, as the sink does it.
  void commit(Output& output) {
    commit_ledger(output);
    dead_letters->committed();
    if (auto* const spills = dynamic_cast<Spilling*>(&output)) spills->committed();
    REQUIRE(output.settle().ok());
  }
  // What the server refused, while a group waits.
  void commit_refused(Output& output) {
    REQUIRE(dead_letters->sync_spilled().ok());
    std::vector<FileMark> marks;
    dead_letters->marks(marks);
    auto& spills = dynamic_cast<Spilling&>(output);
    const auto with = [&](Transaction& to) { spills.write_mark(to, Spilling::Group::kWithout); };
    REQUIRE(ledger->put(marks, with).ok());
    dead_letters->committed();
    spills.committed();
    REQUIRE(output.settle().ok());
  }
  // Up to the commit, which nobody has heard of yet.
  void commit_ledger(Output& output) {
    REQUIRE(sync(output).ok());
    REQUIRE(dead_letters->sync().ok());
    std::vector<FileMark> marks;
    dead_letters->marks(marks);
    const auto with = [&](Transaction& to) {
      if (auto* const spills = dynamic_cast<Spilling*>(&output))
        spills->write_mark(to, Spilling::Group::kWith);
    };
    REQUIRE(ledger->commit({}, marks, with).ok());
  }
  // What the ledger says of the one spool.
  SpoolMark spool_mark() {
    const auto spools = ledger->spools();
    REQUIRE(spools.ok());
    REQUIRE(spools->size() == 1);
    return spools->front();
  }

  SystemClock clock;
  std::unique_ptr<DeadLetters> dead_letters;
};

inline DocumentId id(std::uint32_t index) { return {"p1", 0x1122, 12, index, 0}; }

}  // namespace docmill::test
