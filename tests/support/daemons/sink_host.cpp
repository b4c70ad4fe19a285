#include "tests/support/daemons/sink_host.h"

#include <algorithm>

#include "shared/config/routed_output.h"
#include "shared/config/yaml.h"
#include "sink/files.h"
#include "sink/former_files.h"
#include "sink/output_context.h"
#include "sink/outputs/http.h"
#include "tests/support/daemons/bugged_output.h"
#include "tests/support/daemons/server_link.h"

namespace docmill::daemons {
namespace {

constexpr std::uint64_t kCallsOfALife = 4000;

Result<Component> component_of(const OutputPlan& plan) {
  Component component;
  component.key = plan.key;
  RoutedOutput routed{plan.routes, {}};
  if (plan.key == "server" || plan.key == "spill") {
    component.config = routed;
    return component;
  }
  static const std::vector<OutputComponent> kCatalog = output_components();
  for (const OutputComponent& known : kCatalog) {
    if (known.schema.key() != plan.key) continue;
    Findings findings;
    const Place place(findings, plan.key);
    const auto node = parse_yaml(plan.settings, place);
    component.config = node ? known.schema.parse(*node, place) : std::any();
    if (!findings.empty()) return config_error(findings.text());
    std::any_cast<RoutedOutput&>(component.config).route = plan.routes;
  }
  return component;
}

const std::vector<OutputPlan>& all_outputs() {
  static const std::vector<OutputPlan> kOutputs = {
      {"ndjson", "path: out/{sink}/a.ndjson", {}},
      {"json", "path: out/{sink}/b.json\nrotate: { size: 2KiB }", {}},
      {"documents", "path: 'out/{sink}/docs/{producer}-{sequence}-{index}-{part}.json'", {}},
      {"sqlite", "path: out/{sink}/t.db\ntable: t\ncolumns: { id: /id, n: /n }", {}},
      {"server", "", {}}};
  return kOutputs;
}

}  // namespace

std::vector<OutputPlan> draw_outputs(simulation::Dice& dice, std::vector<std::string>& routes) {
  std::vector<OutputPlan> outputs;
  for (const OutputPlan& plan : all_outputs()) {
    if (!dice.chance(plan.key == "sqlite" || plan.key == "server" ? 55 : 40)) continue;
    outputs.push_back(plan);
    if (!routes.empty() && dice.chance(40)) outputs.back().routes = {dice.pick(routes)};
  }
  if (outputs.empty()) outputs.push_back(all_outputs().front());
  for (std::size_t i = outputs.size(); i > 1; --i) {
    std::swap(outputs[i - 1], outputs[dice.below(i)]);
  }
  return outputs;
}

std::string table_of(const SinkHost& host) { return "out/" + host.name + "/t.db"; }

Result<void> make_table(SinkHost& host) {
  test::SimulatedDisk disk(host.files);
  auto database = Database::open_shared(disk, table_of(host));
  if (!database) return database.error();
  return database->transaction([](Transaction& transaction) {
    transaction.run("CREATE TABLE t (id TEXT, n INTEGER CHECK (n % 7 <> 5))");
  });
}

SinkLife::SinkLife(SinkHost& host, PullLink& batches, ProducerLink& producers, bool weather)
    : host_(host),
      batches_(batches),
      producers_(producers),
      disk_(host.files),
      weather_(disk_, host.dice) {
  disk_.ignores_syncs = host.bug == Bug::kSyncsIgnored;
  if (weather) weather_.plan(host.dice.chance(40) ? 300 : kCallsOfALife);
}

SinkLife::~SinkLife() { disk_.die(); }

Result<std::vector<std::unique_ptr<Output>>> SinkLife::open_outputs_on(
    OutputContext context, std::vector<Component>& chosen) {
  std::vector<std::unique_ptr<Output>> outputs;
  for (const OutputPlan& plan : host_.settings.outputs) {
    auto component = component_of(plan);
    if (!component) return component.error();
    if (plan.key == "server") {
      outputs.push_back(std::make_unique<ServerOutput>(host_.server, host_.dice));
    } else if (plan.key == "spill") {
      auto opened = open_spill(plan, context);
      if (!opened) return opened.error();
      outputs.push_back(std::move(*opened));
    } else {
      auto opened = open_outputs({*component}, context);
      if (!opened) return opened.error();
      outputs.push_back(std::move(opened->front()));
    }
    const bool has_table = !database_.empty();
    if ((plan.key == "sqlite" && host_.bug == Bug::kRejectionLostByRetry) ||
        (plan.key == "server" && has_table && host_.bug == Bug::kStuckOnRejections)) {
      outputs.back() = std::make_unique<BuggedOutput>(std::move(outputs.back()), host_.bug);
    }
    chosen.push_back(std::move(*component));
  }
  return outputs;
}

Result<std::unique_ptr<Output>> SinkLife::open_spill(const OutputPlan& plan,
                                                     OutputContext context) {
  const bool each = plan.settings == "each";
  const HttpDeliveryConfig config{.body = each ? HttpBody::kEach : HttpBody::kNdjson,
                                  .documents = 5,
                                  .connections = host_.dice.between(1, 3),
                                  .first_retry = std::chrono::milliseconds(20),
                                  .longest_retry = std::chrono::seconds(2)};
  context.place = "sink.outputs.spill";
  HttpDelivery delivery(std::make_unique<ServerLink>(host_.spill_server, host_.dice, host_.clock),
                        config, "http://server", context.place, host_.clock, host_.log);
  auto spool =
      HttpSpool::open({context.folder / "http-server", "http://server", host_.settings.spill, each},
                      std::move(delivery), context);
  if (!spool) return spool.error();
  auto output = spilling_http_output(std::move(*spool));
  spillings_.push_back(spilling(output));
  return output;
}

std::uint64_t SinkLife::spilled() const {
  std::uint64_t waiting = 0;
  for (const Spilling* one : spillings_) waiting += one->spill().totals.waiting;
  return waiting;
}

// Planted: the documents that waited some time ago wait again.
void SinkLife::forget_answers() {
  const auto marks = ledger_->spools();
  if (!marks || marks->empty()) return;
  SpoolMark mark = marks->front();
  std::vector<SpoolRange> ranges = host_.old_mark.waiting;
  ranges.insert(ranges.end(), mark.waiting.begin(), mark.waiting.end());
  std::sort(ranges.begin(), ranges.end(),
            [](const auto& one, const auto& other) { return one.first < other.first; });
  mark.waiting.clear();
  for (const SpoolRange& range : ranges) {
    if (!mark.waiting.empty() && range.first <= mark.waiting.back().last) {
      mark.waiting.back().last = std::max(mark.waiting.back().last, range.last);
    } else {
      mark.waiting.push_back(range);
    }
  }
  static_cast<void>(ledger_->put_spool(mark));
}

Result<void> SinkLife::open() {
  auto folder = StateFolder::open(disk_, "state", host_.name);
  if (!folder) return folder.error();
  folder_.emplace(std::move(*folder));
  if (auto ours = folder_->belong_to("simulated"); !ours) return ours.error();
  for (const OutputPlan& plan : host_.settings.outputs) {
    if (plan.key == "sqlite") database_ = table_of(host_);
  }
  auto ledger = LedgerStore::open(*folder_, database_);
  if (!ledger) return ledger.error();
  auto store = std::make_unique<LedgerStore>(std::move(*ledger));
  auto state = store->state();
  if (!state) return state.error();
  ledger_ = store.get();
  if (host_.bug == Bug::kSpoolPutBack) forget_answers();
  if (host_.bug == Bug::kRepeatsWritten) state->lineages.clear();
  OutputContext context{host_.name, *store, host_.log, nullptr, &host_.clock, folder_->path()};
  auto dead = open_sink_file("out/{sink}/dead.ndjson", context);
  if (!dead) return dead.error();
  auto dead_letters = std::make_unique<DeadLetters>(std::move(*dead));
  context.dead_letters = dead_letters.get();
  std::vector<Component> chosen;
  auto outputs = open_outputs_on(context, chosen);
  if (!outputs) return outputs.error();
  if (auto done = finish_former_files(context, *outputs); !done) return done.error();
  OutputRoutes routes(*outputs, chosen);
  SinkParts parts{.pipeline = host_.pipeline,
                  .name = host_.name,
                  .store = std::move(store),
                  .state = std::move(*state),
                  .life = host_.dice.roll(),
                  .dead_letters = std::move(dead_letters),
                  .outputs = std::move(*outputs),
                  .places = {},
                  .routes = std::move(routes),
                  .publisher = {},
                  .order = host_.settings.order,
                  .early = host_.settings.early};
  for (const Component& one : chosen) parts.places.push_back("sink.outputs." + one.key);
  sink_ = std::make_unique<Sink>(std::move(parts),
                                 SinkLinks{batches_, producers_, request_, host_.clock, host_.log});
  return {};
}

Result<bool> SinkLife::step() {
  const std::uint64_t calls = disk_.calls;
  if (host_.bug == Bug::kSpoolPutBack && host_.dice.chance(3)) {
    const auto marks = ledger_->spools();
    if (marks && !marks->empty()) host_.old_mark = marks->front();
  }
  auto goes_on = sink_->step();
  host_.clock.time += std::chrono::microseconds(20 * (disk_.calls - calls) + 10);
  return goes_on;
}

}  // namespace docmill::daemons
