#include "shared/runtime/daemon.h"

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "shared/base/standard_streams.h"
#include "shared/transport/open_files.h"

namespace docmill {
namespace {

struct Options {
  std::string file;
  std::string name;
  Counts counts;
  bool verbose = false;
};

// A transformer is one of many and is listed nowhere; the others are called as the pipeline file
// calls them.
std::string default_name(Role role) {
  if (role == Role::kProducer) return "p1";
  if (role == Role::kSink) return "s1";
  return fmt::format("t{}", ::getpid());
}

std::variant<Options, int> parse(Role role, int argc, char** argv) {
  Options options;
  options.name = default_name(role);
  const std::string text(text_of(role));
  CLI::App app(
      "The " + text + " stage of a docmill pipeline; docs/architecture.md tells what it does.",
      "docmill-" + text);
  app.add_option("FILE", options.file, "the pipeline file")->required();
  app.add_option("--name", options.name, "the name of this " + text)->capture_default_str();
  app.add_option("--producers", options.counts.producers,
                 "how many producers there are, where the file has no `network`");
  app.add_option("--sinks", options.counts.sinks,
                 "how many sinks there are, where the file has no `network`");
  app.add_flag("--verbose", options.verbose, "log what helps to find a fault, too");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  return options;
}

}  // namespace

Daemon::Daemon(Post post, PipelineConfig config, std::unique_ptr<Log> log, Signals signals)
    : post_(std::move(post)),
      config_(std::move(config)),
      log_(std::move(log)),
      signals_(std::move(signals)) {}

std::optional<PipelineConfig> Daemon::load(const Post& post, std::string& wrong) {
  Findings findings;
  auto config = load_pipeline(post.file, post.sets, post.counts, findings);
  wrong = findings.text();
  if (!config || post.role == Role::kTransformer) return config;
  const bool producer = post.role == Role::kProducer;
  const auto& peers = producer ? config->network.producers : config->network.sinks;
  if (peers.contains(post.name)) return config;
  const std::string_view role = text_of(post.role);
  wrong += fmt::format("{}: no {} is called '{}'; give --name one of the pipeline's {}s\n",
                       post.file, role, post.name, role);
  return std::nullopt;
}

std::variant<Daemon, int> Daemon::start(Role role, int argc, char** argv,
                                        const ComponentSets& sets) {
  open_standard_streams();
  auto parsed = parse(role, argc, argv);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const Options& options = std::get<Options>(parsed);
  Post post{role, options.name, options.file, options.counts, sets};
  std::string wrong;
  auto config = load(post, wrong);
  std::fputs(wrong.c_str(), stderr);
  if (!config) return kExitConfig;

  raise_file_limit();
  // Batches come and go a megabyte at a time: giving their memory back each time costs more than
  // keeping it.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  auto log = std::make_unique<StderrLog>(options.name,
                                         options.verbose ? LogLevel::kDebug : LogLevel::kInfo);
  auto signals = Signals::open(Hangup::kReload);
  if (!signals) {
    log->error("{}", signals.error().text);
    return exit_code(signals.error().code);
  }
  return Daemon(std::move(post), std::move(*config), std::move(log), std::move(*signals));
}

Result<void> Daemon::connect() {
  security_.reset();
  context_.reset();
  auto context = Context::open();
  if (!context) return context.error();
  context_ = std::move(*context);
  auto security = Security::open(*context_, config_, {post_.name, post_.role}, *log_);
  if (!security) return security.error();
  security_ = std::move(*security);
  return {};
}

int Daemon::stops() {
  if (signals_.take_reload()) read_again();
  const int stops = signals_.stops();
  if (stops > 0) next_.reset();
  const int asked = stops > 0 || !next_ ? stops : 1;
  if (asked > 0 && !deadline_) deadline_ = clock_->now() + config_.shutdown_timeout;
  return asked;
}

// What a stage that is opened again would look for elsewhere, and what others know it by.
std::string Daemon::unchangeable(const PipelineConfig& next) const {
  const auto same = [](std::string_view what, const std::string& old, const std::string& found) {
    if (old == found) return std::string();
    return fmt::format(
        "{}: expected '{}' as before, found '{}'; to change it, stop the daemons and start them "
        "again\n",
        what, old, found);
  };
  return same("pipeline", config_.pipeline, next.pipeline) +
         same("state", config_.state.string(), next.state.string());
}

void Daemon::read_again() {
  std::string wrong;
  auto next = load(post_, wrong);
  if (next) wrong += unchangeable(*next);
  if (!wrong.empty()) {
    for (std::size_t at = 0; at < wrong.size(); at = wrong.find('\n', at) + 1) {
      log_->error("{}", wrong.substr(at, wrong.find('\n', at) - at));
    }
    return refuse_reload();
  }
  log_->info("{} is read again; what is in flight is finished first", post_.file);
  next_ = std::move(next);
}

void Daemon::refuse_reload() {
  ++refused_reloads_;
  log_->error("{} was not taken over; what was read before holds", post_.file);
}

void Daemon::began() {
  if (!before_) return;
  before_.reset();
  ++reloads_;
  log_->info("{} was taken over", post_.file);
}

bool Daemon::goes_on(const Result<void>& ended, bool opened) {
  if (signals_.stops() > 0) return false;
  if (opened && ended && next_) {
    before_ = std::exchange(config_, std::move(*next_));
    next_.reset();
    deadline_.reset();
    return true;
  }
  if (opened || !before_) return false;
  log_->error("{}", ended.error().text);
  refuse_reload();
  config_ = std::move(*before_);
  before_.reset();
  return true;
}

int Daemon::end(const Result<void>& result) const {
  if (result) return kExitOk;
  log_->error("{}", result.error().text);
  return exit_code(result.error().code);
}

}  // namespace docmill
