// SinkAudit: the checker of a simulated sink. It reads what is in the files, the table and the
// server, and believes nothing that the sink says.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/daemons/feeder.h"
#include "tests/daemons/sink_host.h"

namespace docmill::daemons {

class SinkAudit {
 public:
  SinkAudit(SinkHost& host, const Feeder& feeder) : host_(host), feeder_(feeder) {}

  // What is wrong when all is acknowledged and the sink has ended; none: nothing is.
  std::optional<std::string> check();

 private:
  using Found = std::map<std::string, int>;  // how often, by the document

  std::optional<std::string> read();
  Found of_lines(const std::string& begin) const;
  std::optional<std::string> check_document(const FedDocument& document) const;
  bool takes(const OutputPlan& output, const FedDocument& document) const;
  bool is_rejected(const FedDocument& document) const;
  std::optional<std::string> check_totals();

  SinkHost& host_;
  const Feeder& feeder_;
  std::vector<Found> outputs_;
  Found dead_;
  LedgerTotals totals_;
};

}  // namespace docmill::daemons
