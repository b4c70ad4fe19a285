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

// Lengths of files, by their paths in the ledger.
using Lengths = std::map<std::string, std::uint64_t>;

// As far as there is a length for it.
std::string read_file(const SinkHost& host, const std::string& path, const Lengths& lengths) {
  std::string text(host.files.read(path));
  const std::string_view open = ".open";
  const bool grows = path.ends_with(open);
  const auto known = lengths.find(grows ? path.substr(0, path.size() - open.size()) : path);
  if (known != lengths.end() && known->second < text.size()) text.resize(known->second);
  return text;
}

Found ids_in(const SinkHost& host, const std::string& begin, const Lengths& lengths) {
  Found found;
  const std::string beginning = "out/" + host.name + '/' + begin;
  const std::string folder = test::DiskModel::parent_of(beginning);
  for (const std::string& name : host.files.names_in(folder)) {
    const std::string path = folder + '/' + name;
    if (path.starts_with(beginning)) count_ids(read_file(host, path, lengths), found);
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
void read_dead_letters(const SinkHost& host, const Lengths& lengths, SinkContents& contents) {
  std::istringstream letters(read_file(host, "out/" + host.name + "/dead.ndjson", lengths));
  for (std::string letter; std::getline(letters, letter);) {
    const bool is_refused = letter.find(R"("stage":"sink.outputs.spill")") != letter.npos;
    count_ids(letter, is_refused ? contents.refused : contents.dead);
  }
}

Result<void> read_ledger(test::SimulatedDisk& disk, const SinkHost& host, SinkContents& contents,
                         Lengths& lengths) {
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
  const auto marks = ledger->marks();
  if (!marks) return marks.error();
  for (const FileMark& mark : *marks) lengths[mark.path] = mark.length;
  return {};
}

}  // namespace

Result<SinkContents> read_contents(SinkHost& host, FileBytes which) {
  test::SimulatedDisk disk(host.files);
  SinkContents contents;
  Lengths lengths;
  if (auto read = read_ledger(disk, host, contents, lengths); !read) return read.error();
  if (which == FileBytes::kAll) lengths.clear();
  for (const OutputPlan& output : host.settings.outputs) {
    Found found;
    if (output.key == "server") found = host.server.received;
    if (output.key == "spill") found = host.spill_server.received;
    if (output.key == "ndjson") found = ids_in(host, "a.ndjson", lengths);
    if (output.key == "json") found = ids_in(host, "b", lengths);
    if (output.key == "documents") found = ids_in(host, "docs/p", lengths);
    if (output.key == "sqlite") {
      auto rows = ids_in_table(disk, host);
      if (!rows) return rows.error();
      found = std::move(*rows);
    }
    contents.outputs.push_back(std::move(found));
  }
  read_dead_letters(host, lengths, contents);
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
