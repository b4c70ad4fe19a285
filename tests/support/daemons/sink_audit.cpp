#include "tests/support/daemons/sink_audit.h"

#include <fmt/format.h>

#include <algorithm>

namespace docmill::daemons {

std::optional<std::string> SinkAudit::check() {
  auto read = read_contents(host_);
  if (!read) return read.error().text;
  contents_ = std::move(*read);
  for (const FedDocument& document : feeder_.documents()) {
    if (auto wrong = check_document(document)) return wrong;
  }
  return check_totals();
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
  if (times(contents_.dead, document.id) != (dies ? 1 : 0)) {
    return fmt::format("document {} (n {}, route '{}') is {} times in the dead letters, not {}",
                       document.id, document.n, document.route, times(contents_.dead, document.id),
                       dies ? 1 : 0);
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const bool is_taker = !document.filtered && !document.malformed && takes(outputs[i], document);
    const int found = times(contents_.outputs[i], document.id);
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
  const std::uint64_t sum =
      contents_.totals.delivered + contents_.totals.filtered + contents_.totals.dead;
  if (sum == feeder_.inputs()) return {};
  return fmt::format("the ledger counts {} delivered, {} filtered, {} dead; {} were sent",
                     contents_.totals.delivered, contents_.totals.filtered, contents_.totals.dead,
                     feeder_.inputs());
}

}  // namespace docmill::daemons
