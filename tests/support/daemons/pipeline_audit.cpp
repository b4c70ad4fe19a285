#include "tests/support/daemons/pipeline_audit.h"

#include <fmt/format.h>

#include <algorithm>

namespace docmill::daemons {
namespace {

// As ProducerSettings has it.
constexpr std::uint32_t kMaxDeaths = 3;

std::optional<bool> maybe(bool value, bool unknown) {
  return unknown ? std::nullopt : std::optional(value);
}

}  // namespace

std::optional<std::string> PipelineAudit::check(
    const std::vector<std::unique_ptr<ProducerProcess>>& producers,
    const std::vector<std::unique_ptr<SinkProcess>>& sinks) {
  for (const auto& sink : sinks) {
    auto contents = read_contents(sink->host());
    if (!contents) return contents.error().text;
    sinks_.push_back(std::move(*contents));
  }
  bool has_loss = false;
  for (const auto& producer : producers) {
    const std::vector<InputDocument>& documents = producer->input().documents;
    if (producer->knows_of_loss()) {
      has_loss = true;
      continue;
    }
    for (std::size_t i = 0; i < documents.size(); ++i) {
      auto wrong = check(documents[i], producer->sends_of(i));
      if (!wrong) continue;
      for (const auto& sink : sinks) {
        const std::string letter = dead_letter_of(sink->host(), documents[i].id);
        if (!letter.empty()) *wrong += "\n  " + letter;
      }
      return wrong;
    }
  }
  return has_loss ? std::nullopt : check_totals(producers);
}

bool PipelineAudit::takes(const OutputPlan& output, const InputDocument& document) const {
  return output.routes.empty() ||
         std::count(output.routes.begin(), output.routes.end(), document.route) > 0;
}

bool PipelineAudit::is_rejected(const InputDocument& document) const {
  return std::any_of(plans_.begin(), plans_.end(), [&](const OutputPlan& output) {
    if (!takes(output, document)) return false;
    return (output.key == "server" && is_rejected_by_server(document.n)) ||
           (output.key == "sqlite" && is_rejected_by_table(document.n));
  });
}

std::optional<bool> PipelineAudit::dies(const InputDocument& document, std::uint32_t sends) const {
  // Whatever ends so many transformers that work on it is condemned, also where another document
  // or a kill was it.
  const bool may_be_condemned = sends > kMaxDeaths;
  if (document.fate == Fate::kFiltered) return maybe(false, may_be_condemned);
  const bool has_taker = std::any_of(plans_.begin(), plans_.end(), [&](const OutputPlan& output) {
    return takes(output, document);
  });
  if (!has_taker || is_rejected(document)) return true;
  const bool is_read = document.fate == Fate::kFragile || document.fate == Fate::kDelivered;
  return is_read ? maybe(false, may_be_condemned) : true;
}

int PipelineAudit::in_output(std::size_t output, const std::string& id) const {
  int found = 0;
  for (const SinkContents& sink : sinks_) found += times(sink.outputs[output], id);
  return found;
}

std::optional<std::string> PipelineAudit::check(const InputDocument& document,
                                                std::uint32_t sends) const {
  int dead = 0;
  for (const SinkContents& sink : sinks_) dead += times(sink.dead, document.id);
  const bool is_dead = dies(document, sends).value_or(dead > 0);
  const std::string text =
      fmt::format("document {} (n {}, route '{}', fate {}{})", document.id, document.n,
                  document.route, static_cast<int>(document.fate), is_dead ? ", dead" : "");
  if (dead != (is_dead ? 1 : 0)) {
    return fmt::format("{} is {} times in the dead letters", text, dead);
  }
  const bool is_written = document.fate == Fate::kDelivered || document.fate == Fate::kFragile;
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    const bool is_taker = is_written && takes(plans_[i], document);
    const int found = in_output(i, document.id);
    bool right = found == (is_taker && !is_dead ? 1 : 0);
    // At least once; and what the table rejects the server has had before.
    if (plans_[i].key == "server" && is_taker && !is_rejected_by_server(document.n)) {
      right = found > 0 || (is_dead && sends > kMaxDeaths);
    }
    if (!right) return fmt::format("{} is {} times in the output {}", text, found, plans_[i].key);
  }
  return {};
}

std::optional<std::string> PipelineAudit::check_totals(
    const std::vector<std::unique_ptr<ProducerProcess>>& producers) const {
  Totals sinks;
  Totals settled;
  for (const SinkContents& sink : sinks_) {
    sinks.delivered += sink.totals.delivered;
    sinks.filtered += sink.totals.filtered;
    sinks.dead += sink.totals.dead;
  }
  std::uint64_t inputs = 0;
  for (const auto& producer : producers) {
    inputs += producer->input().documents.size();
    auto state = producer->state();
    if (!state) return state.error().text;
    settled.delivered += state->checkpoint.totals.delivered;
    settled.filtered += state->checkpoint.totals.filtered;
    settled.dead += state->checkpoint.totals.dead;
  }
  if (settled.documents() == inputs && sinks == settled) return {};
  return fmt::format(
      "{} documents were read; the producers count {} delivered, {} filtered, {} dead; the ledgers "
      "{}, {}, {}",
      inputs, settled.delivered, settled.filtered, settled.dead, sinks.delivered, sinks.filtered,
      sinks.dead);
}

}  // namespace docmill::daemons
