// JqProgram: a program of jq 1.6, and what it makes of a document.
//
// libjq stops in the files jq_*. A program sees its document and nothing else: what reads files,
// the environment, the clock or other documents, prints, or ends the process is refused when it is
// compiled. A run that takes too much processor time, or makes too many or too large results, is
// ended. What cannot be ended or bounded is one call of a function of libjq (a text repeated ten
// million times) and the memory of a run: when that is gone, libjq ends the process.
//
// A resource, made once at start; not for several threads at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "shared/base/result.h"
#include "shared/base/units.h"
#include "shared/document/json_tape.h"

namespace docmill {

struct JqLimits {
  Duration time = std::chrono::seconds(10);  // of a processor, for one document
  std::uint64_t results = 100'000;           // of one document
  Bytes result{64ULL << 20};                 // one result
  Bytes total{256ULL << 20};                 // the results of one document
  std::uint32_t depth = 512;                 // objects and arrays open at once in a result
};

class JqProgram {
 public:
  // Failure: kConfig, with line and column.
  static Result<JqProgram> compile(std::string_view text, const JqLimits& limits = {});
  ~JqProgram();
  JqProgram(JqProgram&&) noexcept;
  JqProgram& operator=(JqProgram&&) noexcept;

  // Calls take with each result, JSON on one line that is valid during the call. Numbers become
  // doubles: see fit_doubles(). Failure: kMalformed: an error of the program, or a limit; results
  // may have been taken by then.
  Result<void> run(const JsonTape& tape, const std::function<void(std::string_view)>& take);
  // Whether one of its results is neither false nor null. Failure: kMalformed.
  Result<bool> holds(const JsonTape& tape);

 private:
  struct State;
  explicit JqProgram(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace docmill
