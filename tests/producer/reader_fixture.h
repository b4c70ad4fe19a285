// A BatchReader over several starts of a producer, with what it would have made durable.
//
// One thread; time passes only when a test says so.
#pragma once

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "producer/batch_reader.h"
#include "producer/spooled/spooled_document.h"
#include "shared/store/spool.h"
#include "shared/transport/context.h"
#include "tests/producer/source_fixture.h"

namespace docmill::test {

struct ReaderFixture : SourceFixture {
  ReaderFixture() : sockets(*Context::open()) {
    std::filesystem::create_directories(folder / "in");
    write("in/a.ndjson", "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
    write("in/b.ndjson", "{\"b\":1}\n");
    write("grows", "{\"f\":1}\n{\"f\":2}\n");
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(path("rows.db").c_str(), &database) == SQLITE_OK);
    REQUIRE(sqlite3_exec(database, "CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1), (2)",
                         nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(database);
    state.lineage = {"p1", 7};
  }

  std::string yaml(std::string text) const {
    for (std::size_t at = text.find('@'); at != text.npos; at = text.find('@')) {
      text.replace(at, 1, folder.string());
    }
    return text;
  }

  Result<std::unique_ptr<BatchReader>> try_start(const std::string& source) {
    const auto components = source_components();
    const ComponentSet set = component_set("source", components);
    PipelineConfig config;
    auto chosen = parse_component(yaml(source), set);
    INFO((chosen ? "" : chosen.error().text));
    REQUIRE(chosen.ok());
    config.producer.source = *chosen;
    config.limits = limits;
    Plan plan;
    plan.limits.documents = 2;
    plan.sinks = {"s1"};
    plan.source_text = source_text(config);
    SourceContext with = context();
    with.sockets = &sockets;
    with.raw = &raw;
    return BatchReader::open(state, plan, components, with);
  }

  std::unique_ptr<BatchReader> start(const std::string& source) {
    auto reader = try_start(source);
    INFO((reader ? "" : reader.error().text));
    REQUIRE(reader.ok());
    return std::move(*reader);
  }

  // Reads until the source has nothing, or that many batches; what is cut is durable.
  std::vector<std::string> read(BatchReader& reader, std::size_t most = 1000) {
    std::vector<std::string> documents;
    std::size_t count = 0;
    for (int idle = 0; idle < 3 && count < most;) {
      clock.time += std::chrono::seconds(1);
      REQUIRE(reader.serve().ok());
      std::vector<Batch> batches;
      const auto progress = reader.step(batches);
      INFO((progress ? "" : progress.error().text));
      REQUIRE(progress.ok());
      if (!batches.empty()) apply(reader.take_facts(), state);
      for (const Batch& batch : batches) {
        ++count;
        state.reserved = std::max(state.reserved, batch.sequence);
        last = {batch.sequence, batch.position, {}};
        PayloadReader payload(*batch.payload);
        Entry entry;
        for (auto more = payload.next(entry); more && *more; more = payload.next(entry)) {
          documents.emplace_back(entry.document.bytes);
        }
      }
      const bool waits =
          *progress == BatchReader::Progress::kIdle || *progress == BatchReader::Progress::kEnded;
      idle = waits ? idle + 1 : 0;
    }
    return documents;
  }

  // Everything that was read is settled.
  void settle(BatchReader& reader) {
    ProducerFacts facts;
    facts.checkpoint = last;
    apply(facts, state);
    REQUIRE(reader.settled(last).ok());
  }

  // What came in by itself and was taken in, as a source with a spool leaves it.
  void fill_spool(int documents, const std::string& padding = "") {
    auto spool = Spool::open(real_disk(), folder / "spool", {}, log);
    REQUIRE(spool.ok());
    for (int i = 1; i <= documents; ++i) {
      const std::string bytes = "{\"s\":" + std::to_string(i) + padding + "}";
      REQUIRE(append_document(*spool, {}, Format::kJson, "x", {}, bytes).ok());
    }
    REQUIRE(spool->sync().ok());
  }

  Context sockets;
  RawCounters raw;
  ProducerState state;
  Checkpoint last;
};

}  // namespace docmill::test
