#include "cli/run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "cli/balance.h"
#include "cli/catalogs.h"
#include "cli/fresh.h"
#include "cli/refuse.h"
#include "cli/run_raw.h"
#include "cli/states.h"
#include "shared/base/put_text.h"
#include "shared/config/path_checks.h"
#include "shared/runtime/exit_code.h"
#include "shared/transport/open_files.h"
#include "sink/documents/document_folder.h"
#include "sink/output_files.h"

namespace docmill {
namespace {

constexpr Duration kRetry = std::chrono::seconds(2);

// What keeps the pipeline from running on one machine; empty when nothing does.
std::string elsewhere(const PipelineConfig& config, const std::string& file) {
  std::string text;
  const auto look = [&](const auto& peers, const char* role) {
    for (const auto& [name, peer] : peers) {
      const auto address = parse_address(peer.address);
      if (address && address->is_local()) continue;
      text += fmt::format(
          "{}: network.{}s.{}: expected an address of this machine alone (ipc or loopback), found "
          "'{}'; start the daemons on their hosts, this one with: docmill-{} {} --name {}\n",
          file, role, name, peer.address, role, file, name);
    }
  };
  look(config.network.producers, "producer");
  look(config.network.sinks, "sink");
  return text;
}

// Daemons are in the background of a terminal, and would be stopped for reading from it.
bool wants_a_pipe(const PipelineConfig& config, const std::string& file) {
  if (config.producer.source.key != "stdin" || isatty(STDIN_FILENO) == 0) return false;
  put_text(stderr,
           "{}:{}: producer.source.stdin: expected lines of another program, found a terminal; "
           "write: cat FILE | docmill run {}\n",
           file, config.producer.source.line, file);
  return true;
}

// Where a sink writes documents to standard output: ours. It is theirs alone then, and what we have
// to say goes to standard error. Nothing, and a reason, when several sinks would write into one
// another's lines.
std::optional<int> hand_over_stdout(const PipelineConfig& config, const std::string& file) {
  for (const Component& output : config.sink.outputs) {
    if (output.key != "stdout") continue;
    if (const std::size_t sinks = config.network.sinks.size(); sinks > 1) {
      put_text(stderr,
               "{}:{}: sink.outputs.stdout: expected one sink, found {}; start the daemons one by "
               "one, each with an output of its own\n",
               file, output.line, sinks);
      return std::nullopt;
    }
    const int documents = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    return documents;
  }
  return -1;
}

Result<void> start_over(StateLocks locks, const PipelineConfig& config, const ComponentSets& sets) {
  auto aside = move_aside(locks, config.state, source_paths(config, sets), stamp_now());
  if (!aside) return aside.error();
  for (const std::string& remark : aside->remarks) put_text(stderr, "{}\n", remark);
  for (const auto& [from, to] : aside->moves) {
    put_text(stderr, "moved {} to {}\n", from.string(), to.string());
  }
  return {};
}

// Waits, as the daemons do, for a database that another program has locked, or for room. It does
// not hold the locks while it waits, so that `docmill sink` can decide meanwhile.
Result<States> read_when_possible(const PipelineConfig& config, Signals& stop) {
  for (;;) {
    const auto states = [&config]() -> Result<States> {
      const auto locks = lock_states(config);
      return locks ? read_states(*locks) : locks.error();
    }();
    if (states || states.error().code != ErrorCode::kUnavailable || stop.stops() > 0) return states;
    put_text(stderr, "{}; retry in {}\n", states.error().text, to_string(kRetry));
    stop.wait(kRetry);
  }
}

// What earlier runs have left; the locks end here, for the daemons to take them.
Result<States> look_before(const PipelineConfig& config, const ComponentSets& sets, bool fresh,
                           Signals& stop) {
  if (!fresh) return read_when_possible(config, stop);
  std::error_code unknown;
  if (!std::filesystem::exists(config.state, unknown)) return States{};
  auto locks = lock_states(config);
  if (!locks) return locks.error();
  if (auto moved = start_over(std::move(*locks), config, sets); !moved) return moved.error();
  return States{};
}

Balance balance_of(const States& states, const Progress& progress, const RunEnd& end) {
  Balance balance;
  balance.finished = !end.stopped;
  for (const auto& [name, settled] : states.producers) {
    const std::uint64_t read = progress.read_by(name);
    const std::uint64_t known = settled.documents();
    balance.producers.push_back({name, settled, read > known ? read - known : 0});
  }
  for (const auto& [name, totals] : states.sinks) balance.sinks.push_back({name, totals});
  balance.spools = states.spools;
  balance.given_up = states.given_up;
  balance.lost = states.lost;
  return balance;
}

void print_outputs(const States& states) {
  for (const FileMark& file : states.files) {
    if (file.length == 0) continue;
    const std::string size = human_bytes(static_cast<double>(file.length));
    const std::size_t folder = file.path.rfind(kStagingBegin);
    if (folder == std::string::npos) {
      put_text("{}: {}\n", file.path, size);
    } else {
      put_text("{}/, a file for each document: {} with their names\n", file.path.substr(0, folder),
               size);
    }
  }
}

// Of what earlier runs have settled: what has come to its server only now, or has not yet.
std::string spilled(const States& before, const States& after) {
  if (after.waiting() > 0) {
    return fmt::format(", of which {} wait for their server; run again to send them",
                       human_count(after.waiting()));
  }
  if (before.waiting() == 0) return {};
  return fmt::format(", and {} that waited for their server were sent",
                     human_count(before.waiting()));
}

void print_balance(const Balance& balance, const States& after, std::uint64_t settled_now,
                   const RunEnd& end, Duration elapsed) {
  put_text("{}", balance.table());
  print_outputs(after);
  const double seconds = std::chrono::duration<double>(elapsed).count();
  put_text("{} documents in {:.1f} s, {}/s\n", human_count(settled_now), seconds,
           human_count(static_cast<std::uint64_t>(static_cast<double>(settled_now) / seconds)));
  if (end.stopped) put_text("stopped; run again to go on\n");
}

int finish(const RunOptions& options, const States& before, const States& after,
           const Progress& progress, const RunEnd& end, Duration elapsed) {
  const Balance balance = balance_of(after, progress, end);
  const auto differences = balance.differences();
  const std::uint64_t settled = after.settled() - std::min(after.settled(), before.settled());
  const bool nothing_new =
      !end.stopped && settled == 0 && before.settled() > 0 && differences.empty();
  if (options.json) {
    put_text("{}\n", balance.json());
  } else if (nothing_new) {
    put_text(
        "nothing new: all {} documents were settled by an earlier run{}; to start over: docmill "
        "run {} --fresh\n",
        human_count(before.settled()), spilled(before, after), options.file);
  } else {
    print_balance(balance, after, settled, end, elapsed);
  }
  std::fflush(stdout);
  for (const std::string& remark : balance.remarks()) put_text(stderr, "{}\n", remark);
  for (const std::string& difference : differences) {
    put_text(stderr, "the balance does not add up: {}\n", difference);
  }
  for (const std::string& line : balance.waiting()) put_text(stderr, "{}\n", line);
  for (const std::string& name : end.incomplete) {
    put_text(stderr, "{}: some of its input could not be read; the dead letters say why\n", name);
  }
  if (!end.stopped) {
    for (const std::string& file : after.unfinished) {
      put_text(stderr, "{}: has no end yet, its sink could not write it; run again to end it\n",
               file);
    }
  }
  for (const std::string& name : end.interrupted) {
    put_text(stderr, "{}: was stopped before all of its input was settled; run again to go on\n",
             name);
  }
  if (!differences.empty()) return kExitUnbalanced;
  if (after.waiting() > 0 || !end.interrupted.empty()) return kExitWaiting;
  if (!end.stopped && !after.unfinished.empty()) return kExitUnfinished;
  return end.incomplete.empty() ? kExitOk : kExitData;
}

int report_failure(const Children::Failure& failure) {
  put_text(stderr, "{}; everything is stopped\n", failure.text());
  return failure.code;
}

}  // namespace

int run_command(const RunOptions& options) {
  const Catalogs catalogs;
  Findings findings;
  const auto config = load_pipeline(options.file, catalogs.sets(), options.counts, findings);
  if (config) check_output_files(*config, Place(findings, options.file));
  std::fputs(findings.text().c_str(), stderr);
  if (!findings.empty()) return kExitConfig;
  if (const std::string found = elsewhere(*config, options.file); !found.empty()) {
    std::fputs(found.c_str(), stderr);
    return kExitConfig;
  }
  if (wants_a_pipe(*config, options.file)) return kExitConfig;
  const auto documents = hand_over_stdout(*config, options.file);
  if (!documents) return kExitConfig;
  RunOptions with_output = options;
  with_output.documents = *documents;
  with_output.spills = spills_documents(*config);
  raise_file_limit();
  auto stop = Signals::open(Hangup::kStop);
  if (!stop) return refuse(stop.error());
  if (config->is_raw()) return run_raw(*config, options, *stop);
  const auto before = look_before(*config, catalogs.sets(), options.fresh, *stop);
  if (!before && stop->stops() > 0 && before.error().code == ErrorCode::kUnavailable) {
    put_text(stderr, "stopped; run again to go on\n");
    return kExitOk;
  }
  if (!before) return refuse(before.error());

  const SystemClock clock;
  Progress progress(Progress::choose(options.json), total_documents(*config), clock.now());
  const Time began = clock.now();
  auto end = Supervision(*config, with_output, before->settled(), progress, *stop).run();
  if (!end) return refuse(end.error());
  const Duration elapsed = clock.now() - began;

  const auto after = read_when_possible(*config, *stop);
  if (!after && !end->failure) return refuse(after.error());
  // One that could not go on may be why the state cannot be read, or that there is none.
  const bool anything = after && (!end->failure || after->settled() > 0);
  const int balanced =
      anything ? finish(options, *before, *after, progress, *end, elapsed) : kExitOk;
  if (end->failure) return report_failure(*end->failure);
  return balanced;
}

}  // namespace docmill
