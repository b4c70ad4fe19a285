// JsonOptions: everything that can be said about how JSON is made of XML. A value.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "shared/document/force_list.h"
#include "shared/document/json_convention.h"
#include "shared/document/value_types.h"

namespace docmill {

// What to do with a document of which the convention loses something: go on; go on and say it in
// the log; refuse it; or, only where an element loses order, mixed text, comments or instructions,
// write its contents as a list in document order ('#children').
enum class LossPolicy : std::uint8_t { kPass, kWarn, kError, kOrdered };

constexpr std::array<std::pair<std::string_view, LossPolicy>, 4> enum_names(LossPolicy) {
  return {{{"pass", LossPolicy::kPass},
           {"warn", LossPolicy::kWarn},
           {"error", LossPolicy::kError},
           {"ordered", LossPolicy::kOrdered}}};
}

struct JsonOptions {
  JsonConvention convention = JsonConvention::kCompact;
  WhitespacePolicy whitespace = WhitespacePolicy::kUsual;
  LossPolicy on_loss = LossPolicy::kPass;
  bool by_namespace = false;                      // names as namespaces mean them
  std::map<std::string, std::string> namespaces;  // prefix to URI, for by_namespace
  // Of the conventions that make objects only.
  ForceList force_list;
  ValueTypes types;
  bool infer_numbers = false;  // what is_safe_number() holds is a number
  bool comments = false;       // as '#comment'
  bool instructions = false;   // as '?target'
  bool cdata = false;          // CDATA sections as '#cdata', not as text

  WhitespacePolicy whitespace_here() const {
    if (whitespace != WhitespacePolicy::kUsual) return whitespace;
    return makes_lists(convention) ? WhitespacePolicy::kKeep : WhitespacePolicy::kTrim;
  }
  // What contradicts itself, with the cure; empty when nothing does.
  std::string problem() const;
};

}  // namespace docmill
