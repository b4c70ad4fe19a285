#include "shared/document/jq_program.h"

extern "C" {
#include <jq.h>
}
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "shared/base/check.h"
#include "shared/base/cpu_limit.h"
#include "shared/document/jq_diagnosis.h"
#include "shared/document/jq_value.h"

namespace docmill {
namespace {

// A message of a program can be a document.
constexpr std::size_t kLongestMessage = 500;

void keep_first(void* kept, jv message) {
  auto& first = *static_cast<std::string*>(kept);
  message = jq_format_error(message);
  if (first.empty() && jv_get_kind(message) == JV_KIND_STRING) first = jv_string_value(message);
  jv_free(message);
}

struct TornDown {
  void operator()(jq_state* state) const { jq_teardown(&state); }
};
using OwnedJq = std::unique_ptr<jq_state, TornDown>;

OwnedJq new_jq(std::string& first_error) {
  OwnedJq jq(jq_init());
  DOCMILL_CHECK(jq != nullptr, "libjq cannot begin");
  jq_set_error_cb(jq.get(), &keep_first, &first_error);
  // Without it libjq aborts at an import.
  jq_set_attr(jq.get(), jv_string("JQ_LIBRARY_PATH"), jv_array());
  return jq;
}

// The library of regular expressions in libjq makes its tables at the first one, without a lock.
void start_regular_expressions() {
  static const bool kStarted = [] {
    std::string error;
    const OwnedJq jq = new_jq(error);
    DOCMILL_CHECK(jq_compile(jq.get(), R"("a" | test("a"))") != 0, "libjq says {}", error);
    jq_start(jq.get(), jv_null(), 0);
    jv_free(jq_next(jq.get()));
    return true;
  }();
  static_cast<void>(kStarted);
}

// libjq puts the definitions of this file before every program, and cannot be told not to.
std::optional<std::string> file_in_the_way() {
  const char* home = std::getenv("HOME");
  if (home == nullptr) return std::nullopt;
  const std::filesystem::path file = std::filesystem::path(home) / ".jq";
  std::error_code none;
  if (!std::filesystem::exists(std::filesystem::symlink_status(file, none))) return std::nullopt;
  return fmt::format(
      "libjq would read {} with every program, and a program has to mean the same on every host; "
      "move that file, or start with another HOME",
      file.string());
}

// What an error of a program says; a text as it is, anything else as JSON. Frees it.
std::string message_of(jv message) {
  std::string text;
  if (jv_get_kind(message) == JV_KIND_STRING) {
    text = jv_string_value(message);
    jv_free(message);
  } else if (!append_jq_value(message, {.size = {kLongestMessage}, .depth = 64}, text)) {
    text += "...";
  }
  if (text.size() <= kLongestMessage) return text;
  std::size_t end = kLongestMessage;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

}  // namespace

struct JqProgram::State {
  explicit State(const JqLimits& its_limits)
      : limits(its_limits),
        jq(new_jq(error)),
        watch(its_limits.time, [this] { jq_halt(jq.get(), jv_invalid(), jv_invalid()); }) {}

  // Gives every result to `take`, which frees it, until that is false. Failure: kMalformed.
  template <typename Take>
  Result<void> each(const JsonTape& tape, Take take);

  JqLimits limits;
  std::string error;
  OwnedJq jq;
  CpuLimit watch;
  std::string written;
};

template <typename Take>
Result<void> JqProgram::State::each(const JsonTape& tape, Take take) {
  jv document = jq_value_of(tape);
  watch.begin();
  jq_start(jq.get(), document, 0);
  jv result = jq_next(jq.get());
  for (; jv_is_valid(result) != 0; result = jq_next(jq.get())) {
    if (!take(result)) break;
  }
  const bool broken_off = jv_is_valid(result) != 0;
  const bool late = watch.end();
  std::optional<std::string> failure;
  if (!broken_off) {
    if (jv_invalid_has_msg(jv_copy(result)) != 0) {
      failure = message_of(jv_invalid_get_msg(result));
    } else {
      jv_free(result);
    }
  }
  // A run that ended early keeps its memory until the next one begins.
  if (broken_off || late) jq_start(jq.get(), jv_null(), 0);
  if (late) {
    return malformed(
        fmt::format("the program took more than {} of processor time", to_string(limits.time)));
  }
  return failure ? Result<void>(malformed(*failure)) : Result<void>();
}

JqProgram::JqProgram(std::unique_ptr<State> state) : state_(std::move(state)) {}
JqProgram::~JqProgram() = default;
JqProgram::JqProgram(JqProgram&&) noexcept = default;
JqProgram& JqProgram::operator=(JqProgram&&) noexcept = default;

Result<JqProgram> JqProgram::compile(std::string_view text, const JqLimits& limits) {
  if (auto file = file_in_the_way()) return config_error(*file);
  start_regular_expressions();
  if (text.find('\0') != text.npos) return config_error("expected a program of jq, found a NUL");
  auto state = std::make_unique<State>(limits);
  const std::string guarded = guarded_jq(text);
  if (jq_compile(state->jq.get(), guarded.c_str()) == 0) {
    return config_error("expected a program of jq: " + jq_diagnosis(state->error, guarded));
  }
  return JqProgram(std::move(state));
}

Result<void> JqProgram::run(const JsonTape& tape,
                            const std::function<void(std::string_view)>& take) {
  std::uint64_t results = 0;
  std::uint64_t total = 0;
  Result<void> kept;
  const JqLimits& limits = state_->limits;
  std::string& written = state_->written;
  auto ran = state_->each(tape, [&](jv result) {
    written.clear();
    kept = append_jq_value(result, {.size = limits.result, .depth = limits.depth}, written);
    total += written.size();
    if (kept && ++results > limits.results) {
      kept = malformed(fmt::format("the program makes more than {} results", limits.results));
    } else if (kept && total > limits.total.count) {
      kept = malformed(
          fmt::format("the results of the program take more than {}", to_string(limits.total)));
    }
    if (kept) take(written);
    return kept.ok();
  });
  return kept ? ran : kept;
}

Result<bool> JqProgram::holds(const JsonTape& tape) {
  bool found = false;
  auto ran = state_->each(tape, [&found](jv result) {
    const jv_kind kind = jv_get_kind(result);
    jv_free(result);
    found = kind != JV_KIND_FALSE && kind != JV_KIND_NULL;
    return !found;
  });
  if (!ran) return ran.error();
  return found;
}

}  // namespace docmill
