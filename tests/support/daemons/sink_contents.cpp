#include "tests/support/daemons/sink_contents.h"

#include <sstream>
#include <string_view>

#include "shared/store/database.h"
#include "shared/store/ledger_store.h"
#include "shared/store/state_folder.h"

namespace docmill::daemons {
namespace {

// The documents' ids in a text, also where it is a JSON string in another.
void count_ids(std::string_view text, Found& found) {
  for (const std::string_view begin : {R"("id":")", R"(\"id\":\")"}) {
    for (std::size_t at = text.find(begin); at != text.npos; at = text.find(begin, at + 1)) {
      const std::string_view left = text.substr(at + begin.size());
      ++found[std::string(left.substr(0, left.find_first_of("\\\"")))];
    }
  }
}

Found ids_in(const SinkHost& host, const std::string& begin) {
  Found found;
  const std::string beginning = "out/" + host.name + '/' + begin;
  const std::string folder = test::DiskModel::parent_of(beginning);
  for (const std::string& name : host.files.names_in(folder)) {
    const std::string path = folder + '/' + name;
    if (path.starts_with(beginning)) count_ids(host.files.read(path), found);
  }
  return found;
}

Result<Found> ids_in_table(test::SimulatedDisk& disk, const SinkHost& host) {
  Found found;
  auto database = Database::open_shared(disk, table_of(host));
  if (!database) return database.error();
  const auto rows = database->transaction([&](Transaction& transaction) {
    transaction.read("SELECT id FROM t",
                     [&](const SqlRow& row) { ++found[std::string(row.text(0))]; });
  });
  if (!rows) return rows.error();
  return found;
}

// One letter is one line.
void read_dead_letters(const SinkHost& host, SinkContents& contents) {
  std::istringstream letters(host.files.read("out/" + host.name + "/dead.ndjson"));
  for (std::string letter; std::getline(letters, letter);) {
    const bool is_refused = letter.find(R"("stage":"sink.outputs.spill")") != letter.npos;
    count_ids(letter, is_refused ? contents.refused : contents.dead);
  }
}

Result<void> read_ledger(test::SimulatedDisk& disk, const SinkHost& host, SinkContents& contents) {
  auto folder = StateFolder::open(disk, "state", host.name);
  if (!folder) return folder.error();
  auto ledger = LedgerStore::open(*folder);
  if (!ledger) return ledger.error();
  const auto state = ledger->state();
  if (!state) return state.error();
  contents.totals = state->totals;
  const auto spools = ledger->spools();
  if (!spools) return spools.error();
  if (!spools->empty()) contents.spooled = spools->front().totals;
  return {};
}

}  // namespace

Result<SinkContents> read_contents(SinkHost& host) {
  test::SimulatedDisk disk(host.files);
  SinkContents contents;
  for (const OutputPlan& output : host.settings.outputs) {
    Found found;
    if (output.key == "server") found = host.server.received;
    if (output.key == "spill") found = host.spill_server.received;
    if (output.key == "ndjson") found = ids_in(host, "a.ndjson");
    if (output.key == "json") found = ids_in(host, "b");
    if (output.key == "documents") found = ids_in(host, "docs/p");
    if (output.key == "sqlite") {
      auto rows = ids_in_table(disk, host);
      if (!rows) return rows.error();
      found = std::move(*rows);
    }
    contents.outputs.push_back(std::move(found));
  }
  read_dead_letters(host, contents);
  if (auto read = read_ledger(disk, host, contents); !read) return read.error();
  return contents;
}

std::string dead_letter_of(const SinkHost& host, const std::string& id) {
  const std::string text = host.files.read("out/" + host.name + "/dead.ndjson");
  const std::size_t at = text.find("\"" + id + "\\");
  if (at == text.npos) return {};
  const std::size_t begin = text.rfind('\n', at) + 1;
  const std::string letter = text.substr(begin, text.find('\n', at) - begin);
  return letter.size() < 500 ? letter
                             : letter.substr(0, 200) + " ... " + letter.substr(letter.size() - 200);
}

}  // namespace docmill::daemons
