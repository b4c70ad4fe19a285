// Values of libjq: made of a document, and written as JSON.
//
// libjq counts references without a lock: a value stays on the thread that made it.
#pragma once

// Its headers do not say that it is C.
extern "C" {
#include <jv.h>
}

#include <cstdint>
#include <string>

#include "shared/base/result.h"
#include "shared/base/units.h"
#include "shared/document/json_tape.h"

namespace docmill {

// The caller frees it.
jv jq_value_of(const JsonTape& tape);

struct JqWriteLimits {
  Bytes size;
  std::uint32_t depth = 0;
};

// Appends the value, which it frees, on one line. A few shared arrays can stand for more text than
// any memory holds, so both limits count while it is written. Failure: kMalformed.
Result<void> append_jq_value(jv value, const JqWriteLimits& limits, std::string& out);

}  // namespace docmill
