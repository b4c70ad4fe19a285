#include "tests/conformance/table.h"

#include <fmt/format.h>

#include <cstdlib>

namespace docmill::conformance {
namespace {

enum Class : std::size_t {
  kValid,
  kValidSince5,
  kInvalid,
  kNotWf,
  kNotWfBefore5,
  kNotNamespaceWf,
  kWithoutNamespaces,
  kError,
  kAcceptable11,
  kNotWf11,
  kError11,
  kClasses,
};

Class class_of(const SuiteCase& test) {
  const bool not_wf = test.type == "not-wf";
  if (test.version_1_1) return test.type == "error" ? kError11 : not_wf ? kNotWf11 : kAcceptable11;
  if (test.type == "error") return kError;
  if (!test.namespaces) return kWithoutNamespaces;
  if (not_wf && test.recommendation.starts_with("NS")) return kNotNamespaceWf;
  if (not_wf) return test.edition == "1 2 3 4" ? kNotWfBefore5 : kNotWf;
  if (test.edition == "5") return kValidSince5;
  return test.type == "valid" ? kValid : kInvalid;
}

const char* name_of(Class one) {
  switch (one) {
    case kValid:
      return "valid";
    case kValidSince5:
      return "valid or invalid by the 5th edition, not-wf before";
    case kInvalid:
      return "invalid (well-formed)";
    case kNotWf:
      return "not-wf";
    case kNotWfBefore5:
      return "not-wf up to the 4th edition, well-formed in the 5th";
    case kNotNamespaceWf:
      return "namespace not-wf";
    case kWithoutNamespaces:
      return "valid or invalid without namespaces only";
    case kError:
      return "error (a parser may do either)";
    case kAcceptable11:
      return "XML 1.1: valid or invalid";
    case kNotWf11:
      return "XML 1.1: not-wf";
    case kError11:
      return "XML 1.1: error";
    case kClasses:
      break;
  }
  std::abort();
}

}  // namespace

Table::Table() : outputs_(2, std::vector<int>(static_cast<std::size_t>(Output::kWrong) + 1)) {
  for (std::size_t i = 0; i < kClasses; ++i) rows_.push_back({.name = name_of(Class{i})});
  rows_.push_back({.name = "all"});
}

void Table::count(Row& row, const Verdicts& verdicts) {
  const auto add_if = [](int& number, bool condition) { number += condition ? 1 : 0; };
  ++row.documents;
  add_if(row.guard, verdicts.guard);
  add_if(row.guard_accepted, verdicts.guard && verdicts.docmill);
  add_if(row.other_accepted, !verdicts.guard && verdicts.docmill);
  add_if(row.differ, verdicts.docmill != verdicts.expat);
  add_if(row.expat, verdicts.expat);
  add_if(row.libxml2, verdicts.libxml2);
  add_if(row.pugixml, verdicts.pugixml);
}

void Table::add(const SuiteCase& test, const Verdicts& verdicts) {
  count(rows_[class_of(test)], verdicts);
  count(rows_.back(), verdicts);
}

void Table::add(Output output, bool guard) {
  ++outputs_[guard ? 0 : 1][static_cast<std::size_t>(output)];
}

std::string Table::verdicts() const {
  std::string out =
      "| class | documents | docmill: guard | docmill: expat's way | differs | expat | libxml2 | "
      "pugixml |\n|---|---|---|---|---|---|---|---|\n";
  for (const Row& row : rows_) {
    out += fmt::format("| {} | {} | {} of {} | {} of {} | {} | {} | {} | {} |\n", row.name,
                       row.documents, row.guard_accepted, row.guard, row.other_accepted,
                       row.documents - row.guard, row.differ, row.expat, row.libxml2, row.pugixml);
  }
  return out;
}

std::string Table::outputs() const {
  std::string out =
      "| way | compared | equal | needs a DTD file | XML 1.1 line ends | wrong |\n"
      "|---|---|---|---|---|---|\n";
  for (std::size_t way = 0; way < 2; ++way) {
    const auto number = [&](Output one) { return outputs_[way][static_cast<std::size_t>(one)]; };
    const int equal = number(Output::kEqual);
    const int outer = number(Output::kOuter);
    const int version = number(Output::kVersion);
    const int wrong = number(Output::kWrong);
    out += fmt::format("| {} | {} | {} | {} | {} | {} |\n", way == 0 ? "guard" : "expat's way",
                       equal + outer + version + wrong, equal, outer, version, wrong);
  }
  return out;
}

bool should_accept(const SuiteCase& test) {
  const Class one = class_of(test);
  return one == kValid || one == kValidSince5 || one == kInvalid || one == kNotWfBefore5;
}

bool should_reject(const SuiteCase& test) {
  const Class one = class_of(test);
  return one == kNotWf || one == kNotNamespaceWf || one == kWithoutNamespaces;
}

}  // namespace docmill::conformance
