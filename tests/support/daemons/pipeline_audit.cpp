#include "tests/support/daemons/pipeline_audit.h"

#include <fmt/format.h>

#include <algorithm>

#include "tests/support/daemons/server_link.h"

namespace docmill::daemons {
namespace {

// As ProducerSettings has it.
constexpr std::size_t kMaxDeaths = 3;

// It may get a document more than once.
bool is_server(const OutputPlan& output) { return output.key == "server" || output.key == "spill"; }

bool is_written(const InputDocument& document) {
  return document.fate == Fate::kDelivered || document.fate == Fate::kFragile;
}

}  // namespace

std::optional<std::string> PipelineAudit::check(
    const std::vector<std::unique_ptr<ProducerProcess>>& producers,
    const std::vector<std::unique_ptr<SinkProcess>>& sinks) {
  const bool is_set_back =
      std::any_of(producers.begin(), producers.end(),
                  [](const auto& producer) { return producer->knows_of_loss(); });
  for (const auto& sink : sinks) {
    auto contents =
        read_contents(sink->host(), is_set_back ? FileBytes::kCommitted : FileBytes::kAll);
    if (!contents) return contents.error().text;
    sinks_.push_back(std::move(*contents));
  }
  if (auto wrong = check_spools()) return wrong;
  bool has_loss = false;
  for (const auto& producer : producers) {
    const std::vector<InputDocument>& documents = producer->input().documents;
    const bool lost = producer->knows_of_loss();
    has_loss = has_loss || lost;
    for (std::size_t i = 0; i < documents.size(); ++i) {
      const std::size_t deaths = producer->lone_deaths().of(i);
      auto wrong = lost ? check_lost(documents[i], deaths) : check(documents[i], deaths);
      if (!wrong) continue;
      for (const auto& sink : sinks) {
        const std::string letter = dead_letter_of(sink->host(), documents[i].id);
        if (!letter.empty()) *wrong += "\n  " + letter;
      }
      return wrong;
    }
  }
  return has_loss ? check_contents(producers) : check_totals(producers);
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

bool PipelineAudit::dies(const InputDocument& document) const {
  if (document.fate == Fate::kFiltered) return false;
  const bool has_taker = std::any_of(plans_.begin(), plans_.end(), [&](const OutputPlan& output) {
    return takes(output, document);
  });
  return !has_taker || is_rejected(document) || !is_written(document);
}

int PipelineAudit::in_output(std::size_t output, const std::string& id) const {
  int found = 0;
  for (const SinkContents& sink : sinks_) found += times(sink.outputs[output], id);
  return found;
}

int PipelineAudit::in_dead_letters(const std::string& id) const {
  int found = 0;
  for (const SinkContents& sink : sinks_) found += times(sink.dead, id);
  return found;
}

int PipelineAudit::refused_letters(const std::string& id) const {
  int found = 0;
  for (const SinkContents& sink : sinks_) found += times(sink.refused, id);
  return found;
}

std::optional<std::string> PipelineAudit::check_spools() const {
  for (const SinkContents& sink : sinks_) {
    std::uint64_t letters = 0;
    for (const auto& [id, found] : sink.refused) letters += static_cast<std::uint64_t>(found);
    const SpoolTotals& totals = sink.spooled;
    // The position is written now and then, so a sink that ends may count what is delivered as
    // waiting.
    if (totals.lost == 0 && totals.refused == letters) continue;
    return fmt::format("a spool counts {} waiting, {} lost and {} refused of {}; {} dead letters",
                       totals.waiting, totals.lost, totals.refused, totals.spilled(), letters);
  }
  return {};
}

std::optional<std::string> PipelineAudit::check(const InputDocument& document,
                                                std::size_t deaths) const {
  const int dead = in_dead_letters(document.id);
  const bool may_be_condemned = deaths >= kMaxDeaths;
  const bool is_dead = dies(document) || (may_be_condemned && dead > 0);
  const std::string text = fmt::format(
      "document {} (n {}, route '{}', fate {}, {} deaths alone{})", document.id, document.n,
      document.route, static_cast<int>(document.fate), deaths, is_dead ? ", dead" : "");
  if (dead != (is_dead ? 1 : 0)) {
    return fmt::format("{} is {} times in the dead letters", text, dead);
  }
  const bool may_be_unwritten = is_dead && may_be_condemned;
  int refused = 0;
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    const bool is_taker = is_written(document) && takes(plans_[i], document);
    const int found = in_output(i, document.id);
    bool right = found == (is_taker && !is_dead ? 1 : 0);
    if (is_server(plans_[i]) && is_taker) {
      // At least once; and what another output rejects it has had before.
      const bool refuses = plans_[i].key == "server" ? is_rejected_by_server(document.n)
                                                     : is_refused_by_server(document.n);
      right = refuses ? found == 0 : found > 0 || may_be_unwritten;
      refused += refuses && plans_[i].key == "spill" ? 1 : 0;
    }
    if (!right) return fmt::format("{} is {} times in the output {}", text, found, plans_[i].key);
  }
  const int letters = refused_letters(document.id);
  if (letters == refused || (letters == 0 && may_be_unwritten)) return {};
  return fmt::format("{} has {} dead letters of the spool, not {}", text, letters, refused);
}

std::optional<std::string> PipelineAudit::check_lost(const InputDocument& document,
                                                     std::size_t deaths) const {
  const int dead = in_dead_letters(document.id);
  const bool may_be_dead = dies(document) || deaths >= kMaxDeaths;
  const std::string text =
      fmt::format("document {} of a producer that refused its sink", document.id);
  if (dead > (may_be_dead ? 1 : 0)) return fmt::format("{} is {} times dead", text, dead);
  if (refused_letters(document.id) > (is_refused_by_server(document.n) ? 1 : 0)) {
    return fmt::format("{} has several dead letters of the spool", text);
  }
  std::optional<int> written;
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    if (is_server(plans_[i]) || !takes(plans_[i], document)) continue;
    const int found = in_output(i, document.id);
    if (found > (is_written(document) && dead == 0 && !dies(document) ? 1 : 0)) {
      return fmt::format("{} is {} times in the output {}", text, found, plans_[i].key);
    }
    if (written && *written != found) {
      return fmt::format("{} is in some of its outputs, and not in {}", text, plans_[i].key);
    }
    written = found;
  }
  return {};
}

std::optional<std::string> PipelineAudit::check_contents(
    const std::vector<std::unique_ptr<ProducerProcess>>& producers) const {
  std::uint64_t dead = 0;
  std::uint64_t written = 0;
  std::uint64_t unseen = 0;  // that only a server takes
  for (const auto& producer : producers) {
    for (const InputDocument& document : producer->input().documents) {
      if (in_dead_letters(document.id) > 0) {
        ++dead;
        continue;
      }
      bool is_seen = false;
      bool has_file = false;
      for (std::size_t i = 0; i < plans_.size(); ++i) {
        if (is_server(plans_[i])) continue;
        has_file = has_file || takes(plans_[i], document);
        is_seen = is_seen || in_output(i, document.id) > 0;
      }
      written += is_seen ? 1 : 0;
      unseen += has_file ? 0 : 1;
    }
  }
  Totals ledgers;
  for (const SinkContents& sink : sinks_) {
    ledgers.delivered += sink.totals.delivered;
    ledgers.dead += sink.totals.dead;
  }
  const bool adds_up = ledgers.delivered >= written && ledgers.delivered <= written + unseen;
  if (ledgers.dead == dead && adds_up) return {};
  return fmt::format(
      "the ledgers count {} delivered and {} dead; the outputs have {} and {}, and {} may be at a "
      "server alone",
      ledgers.delivered, ledgers.dead, written, dead, unseen);
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
