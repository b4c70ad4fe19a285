#include "cli/balance.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "shared/base/units.h"

namespace docmill {
namespace {

struct Sums {
  Totals producers;
  LedgerTotals sinks;
};

Sums sums_of(const Balance& balance) {
  Sums sums;
  for (const auto& producer : balance.producers) {
    sums.producers.delivered += producer.settled.delivered;
    sums.producers.filtered += producer.settled.filtered;
    sums.producers.dead += producer.settled.dead;
  }
  for (const auto& sink : balance.sinks) {
    sums.sinks.delivered += sink.totals.delivered;
    sums.sinks.filtered += sink.totals.filtered;
    sums.sinks.dead += sink.totals.dead;
    sums.sinks.collisions += sink.totals.collisions;
  }
  return sums;
}

// Whether so many missing documents are those that operators gave up with a sink. finished: nothing
// else may make the sinks count more or less.
bool is_known_loss(const std::vector<std::pair<std::string, LostDocuments>>& lost,
                   std::uint64_t missing, bool finished) {
  std::uint64_t documents = 0;
  bool exact = finished;
  for (const auto& [producer, what] : lost) {
    documents += what.documents;
    exact = exact && what.exact;
  }
  return exact ? missing == documents : missing <= documents;
}

std::uint64_t excess(std::uint64_t more, std::uint64_t less) {
  return more > less ? more - less : 0;
}

template <typename Node>
std::string names_of(const std::vector<Node>& nodes) {
  std::string names;
  for (const Node& node : nodes) names += (names.empty() ? "" : ", ") + node.name;
  return names;
}

std::uint64_t settled_by_sinks(const Sums& sums) {
  return sums.sinks.delivered + sums.sinks.filtered + sums.sinks.dead;
}

std::string spool_table(const std::vector<SinkSpool>& spools) {
  if (spools.empty()) return {};
  std::string text = fmt::format("{:<10} {:>13} = {:>13} + {:>10} + {:>8}\n", "spool", "spilled",
                                 "delivered", "waiting", "refused");
  for (const SinkSpool& spool : spools) {
    const SpoolTotals& totals = spool.mark.totals;
    text +=
        fmt::format("{:<10} {:>13}   {:>13}   {:>10}   {:>8}   {}\n", spool.sink,
                    human_count(totals.spilled()), human_count(totals.delivered),
                    human_count(totals.waiting), human_count(totals.refused), spool.mark.receiver);
  }
  return text;
}

}  // namespace

// A sink may be ahead of a producer that was stopped before it heard so, that gave up batches, and
// after a collision: what was settled under the old content the producer does not count. It is
// behind by what was lost with a sink, of which only the sum is known, and by nothing else.
std::vector<std::string> Balance::differences() const {
  const Sums sums = sums_of(*this);
  const bool may_be_ahead = !finished || sums.sinks.collisions > 0 || !given_up.empty();
  const std::uint64_t all_missing = excess(sums.producers.delivered, sums.sinks.delivered) +
                                    excess(sums.producers.filtered, sums.sinks.filtered) +
                                    excess(sums.producers.dead, sums.sinks.dead);
  const bool known_loss = is_known_loss(lost, all_missing, !may_be_ahead);
  std::vector<std::string> found;
  const auto compare = [&](const char* what, std::uint64_t at_producers, std::uint64_t at_sinks) {
    if (at_producers == at_sinks || (may_be_ahead && at_sinks > at_producers)) return;
    const bool missing = at_sinks < at_producers;
    if (missing && known_loss) return;
    found.push_back(fmt::format(
        "{}: the producers ({}) count {}, the sinks ({}) {}: {} {}", what, names_of(producers),
        human_count(at_producers), names_of(sinks), human_count(at_sinks),
        human_count(missing ? at_producers - at_sinks : at_sinks - at_producers),
        missing ? "missing" : "too many"));
  };
  compare("delivered", sums.producers.delivered, sums.sinks.delivered);
  compare("filtered", sums.producers.filtered, sums.sinks.filtered);
  compare("dead", sums.producers.dead, sums.sinks.dead);
  for (const Producer& producer : producers) {
    if (!finished || producer.in_flight == 0) continue;
    found.push_back(fmt::format("{}: {} documents were read and are not settled", producer.name,
                                human_count(producer.in_flight)));
  }
  for (const SinkSpool& spool : spools) {
    if (spool.mark.totals.lost == 0) continue;
    found.push_back(
        fmt::format("{}: {} documents that waited in {} could not be read; they are lost",
                    spool.sink, human_count(spool.mark.totals.lost), spool.folder.string()));
  }
  return found;
}

std::vector<std::string> Balance::waiting() const {
  std::vector<std::string> lines;
  for (const SinkSpool& spool : spools) {
    const std::uint64_t waiting = spool.mark.totals.waiting;
    if (waiting == 0) continue;
    lines.push_back(fmt::format("{}: {} document{} in {} for {}; run again to send {}", spool.sink,
                                human_count(waiting), waiting == 1 ? " waits" : "s wait",
                                spool.folder.string(), spool.mark.receiver,
                                waiting == 1 ? "it" : "them"));
  }
  return lines;
}

std::vector<std::string> Balance::remarks() const {
  const Sums sums = sums_of(*this);
  std::vector<std::string> words;
  if (sums.sinks.collisions > 0) {
    words.push_back(fmt::format(
        "{} {} came with other content than what was settled before; its documents are dead "
        "letters, and the sinks count both",
        human_count(sums.sinks.collisions), sums.sinks.collisions == 1 ? "batch" : "batches"));
  }
  const std::uint64_t ahead = settled_by_sinks(sums);
  for (const auto& [producer, what] : given_up) {
    const bool has_batches = what.first <= what.last;
    words.push_back(fmt::format(
        "{}: {} of a former source was given up ({}); what no sink has settled of it is in no "
        "output",
        producer, what.source,
        has_batches ? fmt::format("batches {} to {}, at most {} documents", what.first, what.last,
                                  human_count(what.documents))
                    : "not read to its end"));
  }
  for (const auto& [producer, what] : lost) {
    words.push_back(fmt::format(
        "{}: {}{} documents that sink {} had acknowledged were given up with docmill sink; "
        "they are in no output that is counted here",
        producer, what.exact ? "" : "at most ", human_count(what.documents), what.sink));
  }
  if (!finished && ahead > sums.producers.documents()) {
    words.push_back(
        fmt::format("the sinks have settled {} documents more than the producers know yet; they "
                    "will not be written twice",
                    human_count(ahead - sums.producers.documents())));
  }
  return words;
}

std::string Balance::table() const {
  std::string text = fmt::format("{:<10} {:>13} = {:>13} + {:>10} + {:>8} + {:>9}\n", "producer",
                                 "read", "delivered", "filtered", "dead", "in flight");
  const auto row = [](const std::string& name, const Totals& totals, std::uint64_t in_flight) {
    return fmt::format("{:<10} {:>13}   {:>13}   {:>10}   {:>8}   {:>9}\n", name,
                       human_count(totals.documents() + in_flight), human_count(totals.delivered),
                       human_count(totals.filtered), human_count(totals.dead),
                       human_count(in_flight));
  };
  std::uint64_t in_flight = 0;
  for (const Producer& producer : producers) {
    text += row(producer.name, producer.settled, producer.in_flight);
    in_flight += producer.in_flight;
  }
  if (producers.size() > 1) text += row("together", sums_of(*this).producers, in_flight);
  text += fmt::format("{:<10} {:>13}   {:>13}   {:>10}   {:>8}   {:>9}   {:>10}\n", "sink",
                      "written", "delivered", "filtered", "dead", "repeated", "collisions");
  for (const Sink& sink : sinks) {
    text += fmt::format("{:<10} {:>13}   {:>13}   {:>10}   {:>8}   {:>9}   {:>10}\n", sink.name,
                        human_count(sink.totals.written), human_count(sink.totals.delivered),
                        human_count(sink.totals.filtered), human_count(sink.totals.dead),
                        human_count(sink.totals.suppressed), human_count(sink.totals.collisions));
  }
  return text + spool_table(spools);
}

std::string Balance::json() const {
  nlohmann::ordered_json json = {{"event", "balance"},
                                 {"finished", finished},
                                 {"adds_up", differences().empty()},
                                 {"differences", differences()},
                                 {"remarks", remarks()},
                                 {"producers", nlohmann::ordered_json::array()},
                                 {"sinks", nlohmann::ordered_json::array()},
                                 {"spools", nlohmann::ordered_json::array()},
                                 {"given_up", nlohmann::ordered_json::array()},
                                 {"lost", nlohmann::ordered_json::array()}};
  for (const Producer& producer : producers) {
    json["producers"].push_back({{"name", producer.name},
                                 {"read", producer.settled.documents() + producer.in_flight},
                                 {"delivered", producer.settled.delivered},
                                 {"filtered", producer.settled.filtered},
                                 {"dead", producer.settled.dead},
                                 {"in_flight", producer.in_flight}});
  }
  for (const Sink& sink : sinks) {
    json["sinks"].push_back({{"name", sink.name},
                             {"written", sink.totals.written},
                             {"delivered", sink.totals.delivered},
                             {"filtered", sink.totals.filtered},
                             {"dead", sink.totals.dead},
                             {"suppressed", sink.totals.suppressed},
                             {"collisions", sink.totals.collisions}});
  }
  for (const SinkSpool& spool : spools) {
    const SpoolTotals& totals = spool.mark.totals;
    json["spools"].push_back({{"sink", spool.sink},
                              {"folder", spool.folder.string()},
                              {"receiver", spool.mark.receiver},
                              {"spilled", totals.spilled()},
                              {"delivered", totals.delivered},
                              {"refused", totals.refused},
                              {"waiting", totals.waiting},
                              {"lost", totals.lost}});
  }
  for (const auto& [producer, what] : given_up) {
    json["given_up"].push_back({{"producer", producer},
                                {"first", what.first},
                                {"last", what.last},
                                {"documents", what.documents},
                                {"source", what.source}});
  }
  for (const auto& [producer, what] : lost) {
    json["lost"].push_back({{"producer", producer},
                            {"sink", what.sink},
                            {"documents", what.documents},
                            {"exact", what.exact}});
  }
  return json.dump();
}

}  // namespace docmill
