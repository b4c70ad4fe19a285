#include "tests/daemons/sink_audit.h"

#include <fmt/format.h>

#include <algorithm>

namespace docmill::daemons {
namespace {

int times(const std::map<std::string, int>& found, const std::string& id) {
  const auto one = found.find(id);
  return one == found.end() ? 0 : one->second;
}

// The documents' ids in a text, also where it is a JSON string in another.
void count_ids(std::string_view text, std::map<std::string, int>& found) {
  for (const std::string_view begin : {R"("id":")", R"(\"id\":\")"}) {
    for (std::size_t at = text.find(begin); at != text.npos; at = text.find(begin, at + 1)) {
      const std::string_view left = text.substr(at + begin.size());
      ++found[std::string(left.substr(0, left.find_first_of("\\\"")))];
    }
  }
}

}  // namespace

std::optional<std::string> SinkAudit::check() {
  if (auto unreadable = read()) return unreadable;
  for (const FedDocument& document : feeder_.documents()) {
    if (auto wrong = check_document(document)) return wrong;
  }
  return check_totals();
}

std::optional<std::string> SinkAudit::read() {
  test::SimulatedDisk disk(host_.files);
  for (const OutputPlan& output : host_.settings.outputs) {
    Found found;
    if (output.key == "server") found = host_.server.received;
    if (output.key == "ndjson") found = of_lines("a.ndjson");
    if (output.key == "json") found = of_lines("b");
    if (output.key == "documents") found = of_lines("docs/p");
    if (output.key == "sqlite") {
      auto database = Database::open_shared(disk, table_of(host_));
      if (!database) return database.error().text;
      const auto rows = database->transaction([&](Transaction& transaction) {
        transaction.read("SELECT id FROM t",
                         [&](const SqlRow& row) { ++found[std::string(row.text(0))]; });
      });
      if (!rows) return rows.error().text;
    }
    outputs_.push_back(std::move(found));
  }
  dead_ = of_lines("dead.ndjson");
  auto folder = StateFolder::open(disk, "state", "s1");
  if (!folder) return folder.error().text;
  auto ledger = LedgerStore::open(*folder);
  if (!ledger) return ledger.error().text;
  auto state = ledger->state();
  if (!state) return state.error().text;
  totals_ = state->totals;
  return {};
}

SinkAudit::Found SinkAudit::of_lines(const std::string& begin) const {
  Found found;
  const std::string folder = test::DiskModel::parent_of("out/s1/" + begin);
  for (const std::string& name : host_.files.names_in(folder)) {
    const std::string path = folder + '/' + name;
    if (path.starts_with("out/s1/" + begin)) count_ids(host_.files.read(path), found);
  }
  return found;
}

bool SinkAudit::takes(const OutputPlan& output, const FedDocument& document) const {
  return output.routes.empty() ||
         std::count(output.routes.begin(), output.routes.end(), document.route) > 0;
}

bool SinkAudit::is_rejected(const FedDocument& document) const {
  const auto& outputs = host_.settings.outputs;
  return std::any_of(outputs.begin(), outputs.end(), [&](const OutputPlan& output) {
    if (!takes(output, document)) return false;
    return (output.key == "server" && is_rejected_by_server(document.n)) ||
           (output.key == "sqlite" && is_rejected_by_table(document.n));
  });
}

std::optional<std::string> SinkAudit::check_document(const FedDocument& document) const {
  const auto& outputs = host_.settings.outputs;
  const bool has_taker = std::any_of(outputs.begin(), outputs.end(),
                                     [&](const auto& output) { return takes(output, document); });
  const bool dies =
      !document.filtered && (document.malformed || !has_taker || is_rejected(document));
  if (times(dead_, document.id) != (dies ? 1 : 0)) {
    return fmt::format("document {} (n {}, route '{}') is {} times in the dead letters, not {}",
                       document.id, document.n, document.route, times(dead_, document.id),
                       dies ? 1 : 0);
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const bool is_taker = !document.filtered && !document.malformed && takes(outputs[i], document);
    const int found = times(outputs_[i], document.id);
    bool right = found == (is_taker && !dies ? 1 : 0);
    // At least once; and what the table rejects the server has had before.
    if (outputs[i].key == "server" && is_taker && !is_rejected_by_server(document.n)) {
      right = found > 0;
    }
    if (right) continue;
    return fmt::format("document {} (n {}, route '{}'{}) is {} times in the output {}", document.id,
                       document.n, document.route, dies ? ", dead" : "", found, outputs[i].key);
  }
  return {};
}

std::optional<std::string> SinkAudit::check_totals() {
  const std::uint64_t sum = totals_.delivered + totals_.filtered + totals_.dead;
  if (sum == feeder_.inputs()) return {};
  return fmt::format("the ledger counts {} delivered, {} filtered, {} dead; {} were sent",
                     totals_.delivered, totals_.filtered, totals_.dead, feeder_.inputs());
}

}  // namespace docmill::daemons
