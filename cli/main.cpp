// docmill: the command line.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <string>

#include "cli/catalogs.h"
#include "cli/check.h"
#include "cli/convert.h"
#include "cli/keygen.h"
#include "cli/reload.h"
#include "cli/run.h"
#include "cli/sink_command.h"
#include "cli/source_command.h"
#include "cli/test_command.h"
#include "shared/base/put_text.h"
#include "shared/base/standard_streams.h"
#include "shared/base/text.h"
#include "shared/base/units.h"
#include "shared/runtime/exit_code.h"

namespace docmill {
namespace {

constexpr std::string_view kCommands[] = {"run",  "check",  "test",   "reload",   "convert",
                                          "sink", "source", "keygen", "reference"};

// Whether the first word is no command: then nothing that follows can be understood.
bool is_unknown_command(int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return false;
  const std::string_view word = argv[1];
  if (std::find(std::begin(kCommands), std::end(kCommands), word) != std::end(kCommands))
    return false;
  const std::string_view near = nearest(word, kCommands);
  put_text(stderr, "docmill: unknown command '{}'; {}\n", word,
           near.empty() ? "'docmill --help' lists them" : fmt::format("did you mean '{}'?", near));
  return true;
}

CLI::App* add_run(CLI::App& app, RunOptions& options) {
  CLI::App* run = app.add_subcommand(
      "run", "Run a whole pipeline on this machine, or go on where it was stopped.");
  run->add_option("FILE", options.file, "the pipeline file")->required();
  run->add_option("--producers", options.counts.producers,
                  "how many producers, where the file has no `network`")
      ->check(CLI::Range(1, 256));
  run->add_option("--transformers", options.transformers, "how many transformers")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  run->add_option("--sinks", options.counts.sinks,
                  "how many sinks, where the file has no `network`")
      ->check(CLI::Range(1, 256));
  run->add_option_function<std::string>(
         "--patience",
         [&options](const std::string& text) {
           const auto patience = parse_duration(text);
           if (!patience) throw CLI::ValidationError("--patience", patience.error().text);
           options.patience = *patience;
         },
         "how long a server that takes nothing is waited for, once only documents in spools "
         "(on_full: spill) are left")
      ->default_str("30s");
  run->add_flag("--fresh", options.fresh,
                "start over: move the state folder and the outputs of earlier runs aside");
  run->add_flag("--json", options.json, "progress and balance for programs, an object a line");
  run->footer(
      "Exit codes: 0 all that was read is accounted for; 1 the balance does not add up; 64 the\n"
      "command line; 65 some of the input could not be read; 69 an address is in use; 73 files\n"
      "have no end yet, run again to end them; 74 a disk or state that cannot be used; 75\n"
      "documents wait in a spool, run again to send them; 78 the pipeline file, or a state folder\n"
      "in use. Dead letters do not change the code.");
  return run;
}

CLI::App* add_test(CLI::App& app, TestOptions& options) {
  CLI::App* test = app.add_subcommand(
      "test", "Run the tests that pipeline files hold, through their own processors.");
  test->add_option("FILE", options.files, "the pipeline files")->required();
  test->add_option("--only", options.only,
                   "run the test of this name; one without a name is 'test 2'");
  test->add_option("--junit", options.junit, "write a report for build servers to this file");
  return test;
}

CLI::App* add_convert(CLI::App& app, ConvertOptions& options) {
  CLI::App* convert = app.add_subcommand(
      "convert", "Convert documents, XML to JSON or JSON to XML, to lines on standard output.");
  ConversionOptions& conversion = options.conversion;
  convert->add_option("FILE", options.files, "the documents; standard input without them");
  convert->add_option("--to", conversion.to, "json (the default) or xml");
  convert->add_option("--convention", conversion.convention,
                      "how the JSON stands for XML: compact (the default to json), ordered, "
                      "badgerfish, jsonml, parker, natural (the default to xml) or xpath31");
  convert->add_option("--split", options.split,
                      "convert these elements, each by itself: a path like /catalog/book");
  convert->add_option("--select", conversion.select,
                      "convert what this XPath finds, a line for each");
  convert
      ->add_option("--force-list", conversion.force_list,
                   "an element that becomes a list even when it stands alone: a name, a path "
                   "from the root, or '*'; may be repeated")
      ->allow_extra_args(false);
  convert->add_option("--on-loss", conversion.on_loss,
                      "what to do where the JSON cannot say everything: pass, error or ordered");
  convert->add_option("--parser", conversion.parser,
                      "what is no XML is refused (strict) or read as far as it can be (lenient)");
  convert->add_option("--dtd", conversion.dtd,
                      "what a DOCTYPE declares holds (internal), or a document with one is "
                      "refused (reject)");
  convert->add_option("-j,--jobs", options.jobs, "threads that convert records of --split")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  return convert;
}

struct SinkCommands {
  const CLI::App* forget;
  const CLI::App* accept;
};

SinkCommands add_sink(CLI::App& app, SinkOptions& options) {
  CLI::App* sink = app.add_subcommand(
      "sink", "Decide about a sink whose state is lost or was put back to an older copy.");
  sink->require_subcommand(1);
  const auto add = [&](const char* name, const char* description) {
    CLI::App* command = sink->add_subcommand(name, description);
    command->add_option("FILE", options.file, "the pipeline file")->required();
    command->add_option("SINK", options.sink, "the name of the sink")->required();
    command->add_option("--sinks", options.sinks,
                        "how many sinks there are, where the file has no `network`");
    return command;
  };
  return {add("forget",
              "The sink is lost: what it had not acknowledged goes to the others, or to an empty "
              "sink of its name. Run it on each host that has producers."),
          add("accept",
              "The sink was put back to an older copy: take it as it is, and list what is lost.")};
}

const CLI::App* add_source(CLI::App& app, std::string& file) {
  CLI::App* source = app.add_subcommand(
      "source",
      "Decide about the source of an earlier pipeline file that cannot be read any more.");
  source->require_subcommand(1);
  CLI::App* forget = source->add_subcommand(
      "forget",
      "Give up what is left of it: the producers list it in their logs and in the balance. Run it "
      "on each host that has producers, then start them.");
  forget->add_option("FILE", file, "the pipeline file")->required();
  return forget;
}

CLI::App* add_keygen(CLI::App& app, KeygenOptions& options) {
  CLI::App* keygen = app.add_subcommand(
      "keygen", "Make the keys of daemons: NAME.secret for its host, NAME.public for all hosts.");
  keygen->add_option("NAME", options.names, "producers, sinks and transformers")->required();
  keygen->add_option("--keys", options.folder, "the folder that gets the files")
      ->capture_default_str();
  return keygen;
}

int run(int argc, char** argv) {
  if (is_unknown_command(argc, argv)) return kExitUsage;
  CLI::App app("docmill moves XML and JSON documents through producers, transformers and sinks.",
               "docmill");
  app.set_version_flag("--version", "docmill " DOCMILL_VERSION);
  app.require_subcommand(1);
  RunOptions run_options;
  TestOptions test_options;
  ConvertOptions convert_options;
  KeygenOptions keygen_options;
  SinkOptions sink_options;
  std::string file;
  const CLI::App* run = add_run(app, run_options);
  CLI::App* check = app.add_subcommand("check", "Say everything that is wrong with a file.");
  check->add_option("FILE", file, "the pipeline file")->required();
  CLI::App* reload =
      app.add_subcommand("reload", "Let the daemons on this machine take over a changed file.");
  reload->add_option("FILE", file, "the pipeline file")->required();
  const SinkCommands sink = add_sink(app, sink_options);
  const CLI::App* forget_source = add_source(app, file);
  const CLI::App* test = add_test(app, test_options);
  const CLI::App* convert = add_convert(app, convert_options);
  const CLI::App* keygen = add_keygen(app, keygen_options);
  const CLI::App* reference =
      app.add_subcommand("reference", "Print everything a pipeline file may hold, as Markdown.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  if (run->parsed()) return run_command(run_options);
  if (check->parsed()) return check_command(file);
  if (reload->parsed()) return reload_command(file);
  if (sink.forget->parsed()) return sink_command(SinkVerb::kForget, sink_options);
  if (sink.accept->parsed()) return sink_command(SinkVerb::kAccept, sink_options);
  if (forget_source->parsed()) return forget_source_command(file);
  if (test->parsed()) return test_command(test_options);
  if (convert->parsed()) return convert_command(convert_options);
  if (keygen->parsed()) return keygen_command(keygen_options);
  if (reference->parsed()) put_text("{}", pipeline_reference(Catalogs().sets()));
  return kExitOk;
}

}  // namespace
}  // namespace docmill

int main(int argc, char** argv) {
  docmill::open_standard_streams();
  return docmill::run(argc, argv);
}
