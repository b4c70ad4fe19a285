#include "shared/store/producer_store.h"

#include <fmt/format.h>

#include "shared/store/folder.h"
#include "shared/store/producer_tables.h"

namespace docmill {
namespace {

constexpr std::string_view kFile = "producer.db";

}  // namespace

Result<ProducerStore> ProducerStore::open(const StateFolder& folder, const RunNames& names) {
  auto database =
      Database::open(folder.disk(), folder.path() / kFile, kProducerFormat, &folder.reserve());
  if (!database.ok()) return database.error();
  ProducerStore store(std::move(*database), folder);
  if (auto begun = store.begin_run(folder.name(), names); !begun.ok()) return begun.error();
  return store;
}

Result<ProducerStore> ProducerStore::open_as_it_is(const StateFolder& folder) {
  auto database =
      Database::open(folder.disk(), folder.path() / kFile, kProducerFormat, &folder.reserve());
  if (!database.ok()) return database.error();
  return ProducerStore(std::move(*database), folder);
}

bool ProducerStore::exists(Disk& disk, const std::filesystem::path& folder) {
  return is_there(disk, folder / kFile);
}

Result<std::optional<ProducerState>> ProducerStore::read(const StateFolder& folder) {
  if (!exists(folder.disk(), folder.path())) return std::optional<ProducerState>();
  auto store = open_as_it_is(folder);
  if (!store.ok()) return store.error();
  auto state = store->state();
  if (!state.ok()) return state.error();
  if (state->lineage.producer.empty()) return std::optional<ProducerState>();
  return std::optional(std::move(*state));
}

Result<void> ProducerStore::begin_run(const std::string& name, const RunNames& run) {
  return database_.transaction([&](Transaction& transaction) {
    std::vector<std::string> names;
    transaction.read("SELECT name FROM producer",
                     [&](const SqlRow& row) { names.emplace_back(row.text(0)); });
    if (names.empty()) {
      transaction.run("INSERT INTO producer VALUES (?, ?, 0, 0, 0, 0, '', 0, 0, 0)",
                      {name, run.epoch});
    } else if (names.front() != name) {
      transaction.fail(config_error(
          fmt::format("{}: expected the state of producer '{}', found that of '{}'; rename the "
                      "folder back, or start over with --fresh",
                      database_.path(), name, names.front())));
    }
    transaction.run("UPDATE producer SET run = run + 1, nonce = ?", {run.nonce});
  });
}

Result<void> ProducerStore::commit(const ProducerFacts& facts) {
  return database_.transaction([&](Transaction& transaction) {
    put_facts(transaction, facts);
    forget_settled(transaction);
  });
}

Result<void> ProducerStore::give_up(const ProducerFacts& facts, const GivenUp& what) {
  return database_.transaction([&](Transaction& transaction) {
    put_facts(transaction, facts);
    forget_settled(transaction);
    transaction.run(
        "INSERT INTO given_up VALUES ((SELECT coalesce(max(number) + 1, 0) FROM given_up), ?, ?, "
        "?, ?)",
        {what.first, what.last, what.documents, what.source});
  });
}

Result<std::vector<GivenUp>> ProducerStore::given_up() {
  std::vector<GivenUp> all;
  const auto read = database_.transaction([&](Transaction& transaction) {
    all.clear();
    transaction.read(
        "SELECT first, last, documents, source FROM given_up ORDER BY number",
        [&](const SqlRow& row) {
          all.push_back({row.number(0), row.number(1), row.number(2), std::string(row.text(3))});
        });
  });
  return read ? Result<std::vector<GivenUp>>(std::move(all)) : read.error();
}

Result<ProducerState> ProducerStore::state() {
  ProducerState state;
  const auto read = database_.transaction([&](Transaction& transaction) {
    state = {};
    read_producer(transaction, state);
    transaction.read("SELECT * FROM cuts", [&](const SqlRow& row) {
      state.cuts[row.number(0)] = {static_cast<std::uint32_t>(row.number(1)), row.number(2) != 0};
    });
    read_plans(transaction, state.plans);
    read_ledgers(transaction, state);
  });
  if (!read.ok()) return read.error();
  return state;
}

Result<void> ProducerStore::replace_sinks(const ProducerState& state,
                                          const std::optional<LostDocuments>& lost) {
  return database_.transaction([&](Transaction& transaction) {
    for (const char* table : {"ledgers", "forgotten_ledgers", "plan_sinks"}) {
      transaction.run(fmt::format("DELETE FROM {}", table), {});
    }
    for (const auto& [sink, ledger] : state.ledgers) put_ledger(transaction, sink, ledger);
    std::uint64_t number = 0;
    for (const ForgottenLedger& one : state.forgotten) {
      transaction.run("INSERT INTO forgotten_ledgers VALUES (?, ?, ?)",
                      {number++, one.sink, one.id});
    }
    for (const PlanFrom& from : state.plans) put_plan_sinks(transaction, from);
    if (lost) {
      transaction.run(
          "INSERT INTO lost_documents VALUES ((SELECT coalesce(max(number) + 1, 0) FROM "
          "lost_documents), ?, ?, ?)",
          {lost->sink, lost->documents, std::uint64_t{lost->exact}});
    }
  });
}

Result<std::vector<LostDocuments>> ProducerStore::lost_documents() {
  std::vector<LostDocuments> all;
  const auto read = database_.transaction([&](Transaction& transaction) {
    all.clear();
    transaction.read("SELECT sink, documents, exact FROM lost_documents ORDER BY number",
                     [&](const SqlRow& row) {
                       all.push_back({std::string(row.text(0)), row.number(1), row.number(2) != 0});
                     });
  });
  return read ? Result<std::vector<LostDocuments>>(std::move(all)) : read.error();
}

Result<void> ProducerStore::append_source_rows(const std::string& kind,
                                               const std::vector<std::string>& rows) {
  return database_.transaction([&](Transaction& transaction) {
    for (const std::string& row : rows) {
      transaction.run(
          "INSERT INTO source_rows VALUES (?1, (SELECT coalesce(max(number) + 1, 0) FROM "
          "source_rows WHERE kind = ?1), ?2)",
          {kind, row});
    }
  });
}

Result<void> ProducerStore::rewrite_source_rows(const std::string& kind,
                                                const std::map<std::uint64_t, std::string>& texts) {
  return database_.transaction([&](Transaction& transaction) {
    std::uint64_t last = 0;
    for (const auto& [number, text] : texts) {
      transaction.run("UPDATE source_rows SET text = ? WHERE kind = ? AND number = ?",
                      {text, kind, number});
      if (text.empty()) last = number;
    }
    transaction.run("DELETE FROM source_rows WHERE text = '' AND kind = ? AND number < ?",
                    {kind, last});
  });
}

Result<std::map<std::uint64_t, std::string>> ProducerStore::source_rows(const std::string& kind) {
  std::map<std::uint64_t, std::string> rows;
  const auto read = database_.transaction([&](Transaction& transaction) {
    rows.clear();
    transaction.read("SELECT number, text FROM source_rows WHERE kind = ? ORDER BY number",
                     [&](const SqlRow& row) { rows.emplace(row.number(0), row.text(1)); }, {kind});
  });
  return read ? Result<std::map<std::uint64_t, std::string>>(std::move(rows)) : read.error();
}

}  // namespace docmill
