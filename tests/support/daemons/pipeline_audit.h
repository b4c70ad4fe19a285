// PipelineAudit: the checker of a simulated pipeline. It knows what was read, looks at what is in
// the outputs, and believes nothing that a daemon says.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/support/daemons/producer_process.h"
#include "tests/support/daemons/sink_contents.h"
#include "tests/support/daemons/sink_process.h"

namespace docmill::daemons {

class PipelineAudit {
 public:
  explicit PipelineAudit(const std::vector<OutputPlan>& outputs) : plans_(outputs) {}

  // What is wrong when everything has ended; none: nothing is.
  std::optional<std::string> check(const std::vector<std::unique_ptr<ProducerProcess>>& producers,
                                   const std::vector<std::unique_ptr<SinkProcess>>& sinks);

 private:
  // Whether it is a dead letter, where no transformer died of it.
  bool dies(const InputDocument& document) const;
  bool takes(const OutputPlan& output, const InputDocument& document) const;
  bool is_rejected(const InputDocument& document) const;
  int in_dead_letters(const std::string& id) const;
  int refused_letters(const std::string& id) const;  // by the server behind a spool
  int in_output(std::size_t output, const std::string& id) const;
  // deaths: of transformers that worked on it alone.
  std::optional<std::string> check(const InputDocument& document, std::size_t deaths) const;
  // Of a producer that has refused a sink which got older state back: documents may be missing.
  std::optional<std::string> check_lost(const InputDocument& document, std::size_t deaths) const;
  // What the ledgers of such sinks count is what their outputs have.
  std::optional<std::string> check_contents(
      const std::vector<std::unique_ptr<ProducerProcess>>& producers) const;
  std::optional<std::string> check_spools() const;
  std::optional<std::string> check_totals(
      const std::vector<std::unique_ptr<ProducerProcess>>& producers) const;

  const std::vector<OutputPlan>& plans_;
  std::vector<SinkContents> sinks_;
};

}  // namespace docmill::daemons
