#include "transformer/processors/jq.h"

#include "shared/config/schema.h"
#include "shared/document/jq_program.h"
#include "shared/document/json_number.h"
#include "transformer/jq_document.h"
#include "transformer/loss_report.h"

namespace docmill {
namespace {

// What to do with a document that has a number which no double holds.
enum class OnLoss { kPass, kWarn, kError };
constexpr std::array<EnumName<OnLoss>, 3> enum_names(OnLoss) {
  return {{{"pass", OnLoss::kPass}, {"warn", OnLoss::kWarn}, {"error", OnLoss::kError}}};
}

struct JqConfig {
  std::string program;
  OnLoss on_loss = OnLoss::kPass;
  Duration time_limit = JqLimits{}.time;
  std::uint64_t result_limit = JqLimits{}.results;
};

class Jq final : public Processor {
 public:
  Jq(JqProgram program, OnLoss on_loss, const ProcessorContext& context)
      : program_(std::move(program)),
        document_(context),
        on_loss_(on_loss),
        report_("jq", context.log) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    const auto tape = document_.read(document);
    if (!tape) return tape.error();
    Losses losses;
    if (!fit_doubles(**tape)) losses.add(Loss::kNumber);
    if (!losses.empty() && on_loss_ == OnLoss::kError) {
      return malformed("a number that no double holds, and jq has nothing else");
    }
    if (!losses.empty() && on_loss_ == OnLoss::kWarn) report_.log(losses, document);
    return program_.run(**tape, [&](std::string_view result) {
      emitter.begin(Format::kJson) += result;
      if (!losses.empty()) LossReport::note(losses, document, emitter);
      emitter.end();
    });
  }

 private:
  JqProgram program_;
  JqDocument document_;
  OnLoss on_loss_;
  LossReport report_;
};

Result<std::unique_ptr<Processor>> make(const std::any& settings, const ProcessorContext& context) {
  const auto& config = std::any_cast<const JqConfig&>(settings);
  JqLimits limits = jq_limits(context);
  limits.time = config.time_limit;
  limits.results = config.result_limit;
  auto program = JqProgram::compile(config.program, limits);
  if (!program) return program.error();
  return std::unique_ptr<Processor>(
      std::make_unique<Jq>(std::move(*program), config.on_loss, context));
}

}  // namespace

ProcessorComponent jq_processor() {
  using namespace std::chrono_literals;
  return {Schema<JqConfig>(
              "jq",
              "Makes a document of each result of a program of jq 1.6; a document without a result "
              "is filtered, one that meets an error a dead letter with jq's message. XML needs "
              "to_json before it. jq holds numbers as doubles and writes them its way: 1.10 "
              "becomes 1.1, and of 9007199254740993 the last digit changes, which is noted as the "
              "loss 'number', whether or not the program looks at it.")
              .field("program", &JqConfig::program,
                     "The program. It sees its document and nothing else: no files and imports, "
                     "no other input, no clock, and `env` and `$ENV` are empty.",
                     required, example(".books[] | { title, price }"), check(jq_problem))
              .field("on_loss", &JqConfig::on_loss,
                     "When a number of the document is not the same as a double: pass only notes "
                     "it, warn says it in the log too, error makes a dead letter.")
              .field("time_limit", &JqConfig::time_limit,
                     "Processor time that one document may take; more makes a dead letter. It "
                     "ends every loop of a program, but no single call of a builtin that takes "
                     "long by itself (`\"x\" * 100000000`). The memory of a program has no limit "
                     "but the machine's; when that is gone, the transformer ends.",
                     at_least(Duration(1ms)), at_most(Duration(1h)))
              .field("result_limit", &JqConfig::result_limit,
                     "Results of one document; more make a dead letter.", at_least(1))
              .shorthand("program"),
          make};
}

}  // namespace docmill
