#include "producer/former_source.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "producer/source_text.h"
#include "producer/wanted_source.h"
#include "shared/base/units.h"
#include "shared/store/source_request.h"

namespace docmill {
namespace {

// Inputs that a line lists; the others are counted.
constexpr std::size_t kListedInputs = 20;

struct Former {
  GivenUp left;  // what is not settled of it
  std::string kind;
  Leftover leftover;
  ProducerFacts without;  // the state without it

  bool is_needed() const { return !leftover.inputs.empty(); }
};

std::uint64_t batches_of(const GivenUp& left) {
  return left.last < left.first ? 0 : left.last - left.first + 1;
}

// An upper bound: of a batch that was full only the limit is known.
std::uint64_t documents_of(const ProducerState& state, const GivenUp& left) {
  std::uint64_t documents = 0;
  for (Sequence sequence = left.first; sequence <= left.last; ++sequence) {
    const auto cut = state.cuts.find(sequence);
    documents += cut != state.cuts.end() ? cut->second.documents
                                         : state.plan_at(sequence).plan.limits.documents;
  }
  return documents;
}

std::string text_of(std::vector<std::string> inputs) {
  const std::size_t more = inputs.size() - std::min(inputs.size(), kListedInputs);
  inputs.resize(inputs.size() - more);
  return fmt::format("{}{}", fmt::join(inputs, ", "),
                     more > 0 ? fmt::format(" and {} more", more) : "");
}

std::string text_of(const GivenUp& left) {
  const std::uint64_t batches = batches_of(left);
  if (batches == 0) return left.source;
  const std::string which = batches == 1 ? fmt::format("batch {}", left.first)
                                         : fmt::format("batches {} to {}", left.first, left.last);
  return fmt::format("{} (at most {} documents) of {}", which, human_count(left.documents),
                     left.source);
}

// The first plan after the given one that has another kind of source.
Result<const PlanFrom*> plan_after(const ProducerState& state, Sequence first,
                                   const std::string& kind, const std::string& producer,
                                   const std::vector<SourceComponent>& components) {
  for (const PlanFrom& from : state.plans) {
    if (from.first <= first) continue;
    const auto other = kind_of_source(from.plan.source_text, producer, components);
    if (!other) return other.error();
    if (*other != kind) return &from;
  }
  return nullptr;
}

// The state from which the other source can follow.
ProducerFacts without(const ProducerState& state, const Former& former, const Plan& plan,
                      const PlanFrom* next, bool same_kind) {
  ProducerFacts facts;
  const Checkpoint& checkpoint = state.checkpoint;
  facts.checkpoint = Checkpoint{former.left.last, checkpoint.position, checkpoint.totals};
  if (next != nullptr) {
    const auto found = next->plan.left.find(former.kind);
    facts.checkpoint->position = found == next->plan.left.end() ? "" : found->second;
    return facts;
  }
  Plan follows = plan;
  follows.left = state.plans.back().plan.left;
  if (!same_kind) follows.left[former.kind] = former.leftover.past;
  if (former.is_needed()) facts.checkpoint->position = former.leftover.past;
  facts.plans.push_back({former.left.last + 1, std::move(follows)});
  return facts;
}

// Nothing when the source that cannot be opened is the one of the pipeline file.
Result<std::optional<Former>> former_source(const ProducerState& state, const Plan& plan,
                                            const std::vector<SourceComponent>& components,
                                            const SourceContext& context) {
  if (state.plans.empty()) return std::optional<Former>();
  const Checkpoint& checkpoint = state.checkpoint;
  const Plan& before = state.plan_at(checkpoint.sequence + 1).plan;
  const auto kind = kind_of_source(before.source_text, context.producer, components);
  if (!kind) return kind.error();
  const auto wanted = kind_of_source(plan.source_text, context.producer, components);
  if (!wanted) return wanted.error();
  const auto next = plan_after(state, checkpoint.sequence + 1, *kind, context.producer, components);
  if (!next) return next.error();

  Former former;
  former.kind = *kind;
  GivenUp& left = former.left;
  left.first = checkpoint.sequence + 1;
  left.last = *next != nullptr ? (*next)->first - 1 : std::max(state.reserved, checkpoint.sequence);
  if (before.source_text == plan.source_text || (*kind == *wanted && batches_of(left) == 0)) {
    return std::optional<Former>();
  }
  left.documents = documents_of(state, left);
  const auto settings = parse_source_text(before.source_text, component_set("source", components));
  if (!settings) return settings.error();
  const SourceComponent* component = find_listed(components, settings->source.key);
  if (!component->leftover) return std::optional<Former>();
  if (auto selected = context.catalog.select(*kind); !selected) return selected.error();
  std::string position = checkpoint.position;
  if (!position.starts_with(*kind)) {
    const auto found = before.left.find(*kind);
    position = found == before.left.end() ? "" : found->second;
  }
  auto leftover = component->leftover(settings->source.config,
                                      {position, batches_of(left), left.documents}, context);
  if (!leftover) return leftover.error();
  former.leftover = std::move(*leftover);
  left.source = text_of(former.leftover.inputs);
  former.without = without(state, former, plan, *next, *kind == *wanted);
  return std::optional(std::move(former));
}

Result<void> decide(ProducerStore& store, const Former& former, const Error& error, Log& log) {
  if (!former.is_needed()) {
    log.warn("{}; nothing that was read of it is left to settle, so the other source follows",
             error.text);
    return store.commit(former.without);
  }
  log.warn(
      "{}; given up as decided with 'docmill source forget': {}; what no sink has settled of it is "
      "in no output",
      error.text, text_of(former.left));
  return store.give_up(former.without, former.left);
}

}  // namespace

Result<std::unique_ptr<BatchReader>> open_reader(ProducerStore& store, ProducerState& state,
                                                 const Plan& plan,
                                                 const std::vector<SourceComponent>& components,
                                                 const SourceContext& context) {
  if (auto tried = try_wanted_source(state, plan, components, context); !tried) {
    return tried.error();
  }
  const bool requested = has_source_request(*context.disk, context.folder);
  ProducerState follows = state;
  std::vector<std::pair<Former, Error>> lost;
  auto reader = BatchReader::open(follows, plan, components, context);
  // Several sources in a row may be lost, each with batches that are not settled.
  while (!reader && lost.size() <= state.plans.size()) {
    const Error error = reader.error();
    if (error.code == ErrorCode::kUnavailable) return error;
    auto former = former_source(follows, plan, components, context);
    if (!former) return former.error();
    if (!*former) return error;
    if ((*former)->is_needed() && !requested) {
      return Error{
          error.code,
          fmt::format("{}; the former source is needed for {}: put back what it read, or give that "
                      "up with 'docmill source forget FILE', and start again",
                      error.text, text_of((*former)->left))};
    }
    // The catalog is at the rows of its kind.
    if (auto marked = context.catalog.rewrite((*former)->leftover.rows); !marked) {
      return marked.error();
    }
    apply((*former)->without, follows);
    lost.emplace_back(std::move(**former), error);
    reader = BatchReader::open(follows, plan, components, context);
  }
  if (!reader) return reader;
  // Nothing is decided before the source that follows could be opened.
  for (const auto& [former, error] : lost) {
    if (auto decided = decide(store, former, error, context.log); !decided) {
      return decided.error();
    }
  }
  state = std::move(follows);
  if (requested && lost.empty()) {
    context.log.info("nothing is given up: the former source can be opened, or was not needed");
  }
  if (auto removed = remove_source_request(*context.disk, context.folder); !removed) {
    return removed.error();
  }
  return reader;
}

}  // namespace docmill
