#include "shared/runtime/daemon.h"

#include <fmt/format.h>
#include <malloc.h>

#include <atomic>
#include <cstdio>
#include <utility>

#include "shared/base/standard_streams.h"
#include "shared/base/start_thread.h"
#include "shared/config/path_checks.h"
#include "shared/runtime/aside.h"
#include "shared/runtime/daemon_options.h"
#include "shared/transport/open_files.h"
#include "shared/transport/poller.h"
#include "shared/transport/wakeup.h"

namespace docmill {
namespace {

constexpr Duration kLookAtNames = std::chrono::seconds(1);

Result<void> start_over(const PipelineConfig& config, const ComponentSets& sets,
                        const std::string& name, Signals& signals, Log& log) {
  const auto aside = move_daemon_aside(config.state, name, source_paths(config, sets, name),
                                       LockPatience(&signals));
  if (!aside) return aside.error();
  for (const std::string& remark : aside->remarks) log.warn("{}", remark);
  for (const auto& [a, b] : aside->moves) log.info("moved {} to {}", a.string(), b.string());
  return {};
}

}  // namespace

Daemon::Daemon(Post post, Pipeline pipeline, std::unique_ptr<Log> log, Signals signals)
    : post_(std::move(post)),
      pipeline_(std::move(pipeline)),
      log_(std::move(log)),
      signals_(std::move(signals)) {}

Result<Daemon::Pipeline> Daemon::load(const Post& post) {
  Findings findings;
  auto config = load_pipeline(post.file, post.sets, post.counts, findings);
  if (!config) return Error{ErrorCode::kConfig, findings.text()};
  if (post.role != Role::kTransformer) {
    const auto& peers =
        post.role == Role::kProducer ? config->network.producers : config->network.sinks;
    const std::string_view role = text_of(post.role);
    if (!peers.contains(post.name)) {
      return Error{ErrorCode::kConfig,
                   fmt::format("{}: no {} is called '{}'; give --name one of the pipeline's {}s\n",
                               post.file, role, post.name, role)};
    }
  }
  if (post.role == Role::kSink) return Pipeline{std::move(*config), {}};
  auto definition = define_processors(*config);
  if (!definition) return Error{definition.error().code, definition.error().text + '\n'};
  return Pipeline{std::move(*config), std::move(*definition)};
}

std::variant<Daemon, int> Daemon::start(Role role, int argc, char** argv,
                                        const ComponentSets& sets) {
  open_standard_streams();
  auto parsed = parse_options(role, argc, argv);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const DaemonOptions& options = std::get<DaemonOptions>(parsed);
  Post post{role, options.name, options.file, options.counts, sets, options.must_finish};
  auto pipeline = load(post);
  if (!pipeline) {
    std::fputs(pipeline.error().text.c_str(), stderr);
    return exit_code(pipeline.error().code);
  }

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
  Result<void> begun;
  if (options.fresh) begun = start_over(pipeline->config, sets, options.name, *signals, *log);
  if (!begun) {
    log->error("{}", begun.error().text);
    return exit_code(begun.error().code);
  }
  return Daemon(std::move(post), std::move(*pipeline), std::move(log), std::move(*signals));
}

Result<void> Daemon::connect() {
  security_.reset();
  context_.reset();
  auto context = Context::open();
  if (!context) return context.error();
  context_ = std::move(*context);
  context_->names().set_patience(
      [this](const std::string& host, Duration waited) { return waits_for_address(host, waited); });
  auto security = Security::open(*context_, config(), {post_.name, post_.role}, *log_);
  if (!security) return security.error();
  security_ = std::move(*security);
  return {};
}

// libzmq cannot be told to give up once it waits, so another thread waits for it and this one reads
// the signals.
bool Daemon::disconnect() {
  security_.reset();
  auto opened = Wakeup::open();
  if (!opened || !context_) {
    context_.reset();
    return true;
  }
  struct End {
    explicit End(Wakeup opened) : wakeup(std::move(opened)) {}
    Wakeup wakeup;
    std::atomic<bool> sent = false;
  };
  // The thread may outlive this call.
  const auto end = std::make_shared<End>(std::move(*opened));
  const auto context = std::make_shared<std::optional<Context>>(std::exchange(context_, {}));
  auto wait = start_thread([end, context] {
    context->reset();
    end->sent = true;
    end->wakeup.wake();
  });
  if (!wait) {
    context->reset();
    return true;
  }
  Poller poller;
  while (!end->sent && signals_.stops() < 2) {
    poller.clear();
    poller.readable(end->wakeup.fd());
    poller.readable(signals_.fd());
    poller.wait(kRetry);
  }
  if (end->sent) {
    wait->join();
    return true;
  }
  log_->info("ended at once, as asked");
  wait->detach();
  return false;
}

int Daemon::stops() {
  report_names();
  if (signals_.take_reload()) read_again();
  const int stops = signals_.stops();
  if (stops > 0) next_.reset();
  const int asked = stops > 0 || !next_ ? stops : 1;
  if (asked == 0) deadline_.reset();  // a reload that was refused
  if (asked > 0 && !deadline_) deadline_ = clock_->now() + config().shutdown_timeout;
  return asked;
}

// A reload may bring another address; before the first stage is open, it waits for that.
bool Daemon::waits_for_address(const std::string& host, Duration waited) {
  if (waited > kRetry && awaited_host_ != host) {
    awaited_host_ = host;
    log_->warn("still waiting for the name server to answer for '{}'", host);
  }
  return signals_.stops() == 0 && !(has_run_ && signals_.reload_asked());
}

void Daemon::report_names() {
  const Time now = clock_->now();
  if (!context_ || now < look_at_names_) return;
  look_at_names_ = now + kLookAtNames;
  for (const std::string& problem : context_->names().problems()) log_->warn("{}", problem);
}

// What a stage that is opened again would look for elsewhere, and what others know it by.
std::string Daemon::unchangeable(const PipelineConfig& next) const {
  const auto same = [](std::string_view what, const std::string& old, const std::string& found,
                       std::string_view cure) {
    if (old == found) return std::string();
    return fmt::format(
        "{}: expected '{}' as before, found '{}'; to change it, stop the daemons, {}, and start "
        "them again\n",
        what, old, found, cure);
  };
  return same("pipeline", config().pipeline, next.pipeline,
              "remove the file 'pipeline' in each state folder") +
         same("state", config().state.string(), next.state.string(), "move the folder");
}

void Daemon::read_again() {
  auto next = load(post_);
  const std::string wrong = next ? unchangeable(next->config) : next.error().text;
  if (!wrong.empty()) {
    for (std::size_t at = 0; at < wrong.size(); at = wrong.find('\n', at) + 1) {
      log_->error("{}", wrong.substr(at, wrong.find('\n', at) - at));
    }
    return refuse_reload();
  }
  log_->info("{} is read again; what is in flight is finished first", post_.file);
  next_ = std::move(*next);
}

void Daemon::refuse_reload() {
  ++refused_reloads_;
  log_->error("{} was not taken over; what was read before holds", post_.file);
}

void Daemon::began() {
  has_run_ = true;
  deadline_.reset();  // what came while it waited to open
  awaited_host_.clear();
  if (std::exchange(delayed_, std::nullopt)) refuse_reload();
  if (!before_) return;
  before_.reset();
  ++reloads_;
  log_->info("{} was taken over", post_.file);
}

bool Daemon::goes_on(const Result<void>& ended, bool opened) {
  if (signals_.stops() > 0) return false;
  if (!opened) {
    if (has_run_) open_another(ended.error());
    return has_run_ && signals_.stops() == 0;
  }
  if (!ended || !next_) return false;
  before_ = std::exchange(pipeline_, std::move(*next_));
  next_.reset();
  deadline_.reset();
  throttle_ = Throttle();
  return true;
}

// After a reload: the one before the new one, and when that does not open either, the new one
// again.
void Daemon::open_another(const Error& error) {
  if (before_) {
    log_failure(error.text);
    delayed_ = std::exchange(pipeline_, std::move(*before_));
    before_.reset();
    return;
  }
  log_failure(fmt::format("{}; retry in {}", error.text, to_string(kRetry)));
  pause();
  if (signals_.take_reload()) read_again();
  if (next_) delayed_ = std::exchange(next_, std::nullopt);
  if (delayed_) before_ = std::exchange(pipeline_, std::move(*delayed_));
  delayed_.reset();
}

// It may be repeated every two seconds.
void Daemon::log_failure(const std::string& text) {
  if (const auto held_back = throttle_.due(text, clock_->now())) {
    log_->error("{}{}", text, more_like_it(*held_back));
  }
}

int Daemon::end(const Result<void>& result, bool opened) {
  const bool stopped = signals_.stops() > 0;
  const int unfinished = must_finish() ? kExitWaiting : kExitOk;
  if (result) return stopped && next_ ? unfinished : kExitOk;  // it ended for a reload
  const Error& error = result.error();  // after a reload, each is tried again until a stop
  const bool waited = !opened && stopped && (has_run_ || error.code == ErrorCode::kUnavailable);
  if (waited || error.code == ErrorCode::kStopped) {
    log_->info("{}{}", waited ? "stopped while it waited to begin: " : "", error.text);
    return unfinished;
  }
  log_->error("{}", error.text);
  return exit_code(error.code);
}

}  // namespace docmill
