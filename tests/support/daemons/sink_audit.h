// SinkAudit: the checker of a simulated sink. It reads what is in the files, the table and the
// server, and believes nothing that the sink says.
#pragma once

#include <optional>
#include <string>

#include "tests/support/daemons/feeder.h"
#include "tests/support/daemons/sink_contents.h"
#include "tests/support/daemons/sink_host.h"

namespace docmill::daemons {

class SinkAudit {
 public:
  SinkAudit(SinkHost& host, const Feeder& feeder) : host_(host), feeder_(feeder) {}

  // What is wrong when all is acknowledged and the sink has ended; none: nothing is.
  std::optional<std::string> check();

 private:
  std::optional<std::string> check_document(const FedDocument& document) const;
  bool takes(const OutputPlan& output, const FedDocument& document) const;
  bool is_rejected(const FedDocument& document) const;
  std::optional<std::string> check_totals();

  SinkHost& host_;
  const Feeder& feeder_;
  SinkContents contents_;
};

}  // namespace docmill::daemons
