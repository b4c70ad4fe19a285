#include "shared/runtime/daemon_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

#include "shared/runtime/exit_code.h"

namespace docmill {
namespace {

// The pipeline file lists producers and sinks. It lists no transformers.
std::string default_name(Role role) {
  if (role == Role::kProducer) return "p1";
  if (role == Role::kSink) return "s1";
  return fmt::format("t{}", ::getpid());
}

// Part of the names of sockets, and of what logs and telemetry say.
std::string like_a_host(const std::string& name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.").find(c) != std::string_view::npos;
  };
  if (!name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), allowed)) {
    return "";
  }
  return fmt::format("expected 1 to 64 of a-z, A-Z, 0-9, '-', '_' and '.', found '{}'", name);
}

}  // namespace

std::variant<DaemonOptions, int> parse_options(Role role, int argc, char** argv) {
  DaemonOptions options;
  options.name = default_name(role);
  const std::string text(text_of(role));
  CLI::App app(
      "The " + text + " stage of a docmill pipeline; docs/architecture.md tells what it does.",
      "docmill-" + text);
  app.add_option("FILE", options.file, "the pipeline file")->required();
  auto* name =
      app.add_option("--name", options.name, "the name of this " + text)->capture_default_str();
  if (role == Role::kTransformer) name->check(like_a_host, "");
  app.add_option("--producers", options.counts.producers,
                 "how many producers there are, where the file has no `network`")
      ->check(CLI::Range(std::size_t{0}, kMaxPeers));
  app.add_option("--sinks", options.counts.sinks,
                 "how many sinks there are, where the file has no `network`")
      ->check(CLI::Range(std::size_t{0}, kMaxPeers));
  if (role != Role::kTransformer) {
    app.add_flag("--fresh", options.fresh,
                 "start over: move the state of this " + text +
                     (role == Role::kSink ? " and its files aside" : " aside"));
  }
  if (role == Role::kProducer) {
    app.add_flag("--must-finish", options.must_finish,
                 "exit with code 75 when it is stopped before all of its input is settled");
  }
  app.add_flag("--verbose", options.verbose, "log what helps to find a fault, too");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  return options;
}

}  // namespace docmill
