#include "shared/runtime/daemon.h"

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

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
std::string default_name(const std::string& role) {
  if (role == "producer") return "p1";
  if (role == "sink") return "s1";
  return fmt::format("t{}", ::getpid());
}

Role role_of(const std::string& role) {
  if (role == "producer") return Role::kProducer;
  return role == "sink" ? Role::kSink : Role::kTransformer;
}

std::variant<Options, int> parse(const std::string& role, int argc, char** argv) {
  Options options;
  options.name = default_name(role);
  CLI::App app(
      "The " + role + " stage of a docmill pipeline; docs/architecture.md tells what it does.",
      "docmill-" + role);
  app.add_option("FILE", options.file, "the pipeline file")->required();
  app.add_option("--name", options.name, "the name of this " + role)->capture_default_str();
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

Daemon::Daemon(PipelineConfig config, std::string name, std::unique_ptr<Log> log, StopSignals stop,
               Context context, std::unique_ptr<Security> security)
    : config_(std::move(config)),
      name_(std::move(name)),
      log_(std::move(log)),
      stop_(std::move(stop)),
      context_(std::move(context)),
      security_(std::move(security)) {}

std::variant<Daemon, int> Daemon::start(const std::string& role, int argc, char** argv,
                                        const ComponentSets& sets) {
  auto parsed = parse(role, argc, argv);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const Options& options = std::get<Options>(parsed);

  Findings findings;
  auto config = load_pipeline(options.file, sets, options.counts, findings);
  if (!findings.empty()) std::fputs(findings.text().c_str(), stderr);
  if (!config) return kExitConfig;
  const auto& peers = role == "producer" ? config->network.producers : config->network.sinks;
  if (role != "transformer" && !peers.contains(options.name)) {
    fmt::print(stderr, "{}: no {} is called '{}'; give --name one of the pipeline's {}s\n",
               options.file, role, options.name, role);
    return kExitConfig;
  }

  raise_file_limit();
  // Batches come and go a megabyte at a time: giving their memory back each time costs more than
  // keeping it.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  auto log = std::make_unique<StderrLog>(options.name,
                                         options.verbose ? LogLevel::kDebug : LogLevel::kInfo);
  const auto refuse = [&log](const Error& error) {
    log->error("{}", error.text);
    return exit_code(error.code);
  };
  auto stop = StopSignals::open();
  if (!stop) return refuse(stop.error());
  auto context = Context::open();
  if (!context) return refuse(context.error());
  auto security = Security::open(*context, *config, {options.name, role_of(role)}, *log);
  if (!security) return refuse(security.error());
  return Daemon(std::move(*config), options.name, std::move(log), std::move(*stop),
                std::move(*context), std::move(*security));
}

int Daemon::end(const Result<void>& result) const {
  if (result) return kExitOk;
  log_->error("{}", result.error().text);
  return exit_code(result.error().code);
}

}  // namespace docmill
