#include "cli/testing/judgement.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "shared/base/units.h"
#include "shared/document/json_text.h"

namespace docmill {
namespace {

constexpr std::string_view kBetween = "\n---\n";

std::string documents(std::size_t count) {
  if (count == 0) return "none";
  return fmt::format("{} document{}", human_count(count), count == 1 ? "" : "s");
}

std::string notes_json(const std::map<std::string, std::string>& notes) {
  std::string json = "{";
  for (const auto& [name, value] : notes) {
    if (json.size() > 1) json += ',';
    append_json_string(json, name);
    json += ':';
    append_json_string(json, value);
  }
  return json + '}';
}

std::string_view without_break(std::string_view text) {
  return text.substr(0, text.size() - (text.ends_with('\n') ? 1 : 0));
}

}  // namespace

std::vector<Difference> Judgement::differences(const TestConfig& test, const TestOutcome& outcome) {
  differences_.clear();
  judge_outputs(test, outcome);
  if (test.filtered) count("filtered", *test.filtered, outcome.filtered);
  if (test.error) {
    judge_dead({{.error = *test.error, .document = std::nullopt}}, outcome);
  } else if (!test.dead.empty()) {
    judge_dead(test.dead, outcome);
  } else {
    judge_dead_count(test.dead_letters.value_or(0), outcome);
  }
  return std::move(differences_);
}

void Judgement::judge_outputs(const TestConfig& test, const TestOutcome& outcome) {
  if (test.outputs) count("outputs", *test.outputs, outcome.outputs.size());
  if (test.output) {
    Samples expected;
    Samples found;
    for (const TestDocument& document : test.output->all) {
      expected.push_back(sample_of(document, folder_));
    }
    for (const TestOutcome::Made& made : outcome.outputs) found.push_back(sample_of(made));
    compare("output", expected, found);
  }
  if (test.notes) {
    Samples expected;
    Samples found;
    for (const auto& notes : test.notes->all) {
      expected.push_back({.bytes = notes_json(notes), .format = Format::kJson});
    }
    for (const TestOutcome::Made& made : outcome.outputs) {
      found.push_back({.bytes = "{" + made.notes + "}", .format = Format::kJson});
    }
    compare("notes", expected, found);
  }
}

void Judgement::count(std::string_view what, std::uint64_t expected, std::uint64_t found) {
  if (expected == found) return;
  differences_.push_back({.text = fmt::format("{}: expected {}, found {}", what,
                                              human_count(expected), human_count(found)),
                          .lines = {}});
}

// One diff of all documents, so that one that is missing is what is seen, not all those after it.
void Judgement::compare(std::string_view what, const Samples& expected, const Samples& found) {
  std::string all_expected;
  std::string all_found;
  std::size_t differ = 0;
  std::size_t first = 0;
  std::string remark;
  for (std::size_t i = 0; i < std::max(expected.size(), found.size()); ++i) {
    SampleComparison::Texts texts;
    if (i < expected.size() && i < found.size()) {
      texts = comparison_.compare(expected[i], found[i]);
      if (texts.differ && differ++ == 0) {
        first = i + 1;
        remark = texts.remark;
      }
    } else {
      (i < expected.size() ? texts.expected : texts.found) =
          comparison_.text(i < expected.size() ? expected[i] : found[i]);
    }
    if (i > 0 && i < expected.size()) all_expected += kBetween;
    if (i > 0 && i < found.size()) all_found += kBetween;
    all_expected += texts.expected;
    all_found += texts.found;
  }
  if (expected.size() == found.size() && differ == 0) return;
  std::string text = fmt::format("{}: ", what);
  if (expected.size() != found.size()) {
    text += fmt::format("expected {}, found {}", documents(expected.size()),
                        found.empty() ? "none" : human_count(found.size()));
  } else if (expected.size() == 1) {
    text += "differs";
  } else {
    text += fmt::format("{} of {} differ, document {} first", human_count(differ),
                        documents(expected.size()), first);
  }
  if (!remark.empty()) text += "; " + remark;
  differences_.push_back({std::move(text), line_diff(all_expected, all_found)});
}

void Judgement::judge_dead(const std::vector<TestDeadLetter>& expected,
                           const TestOutcome& outcome) {
  std::string all_expected;
  std::string all_found;
  for (const TestDeadLetter& dead : expected) {
    if (!all_expected.empty()) all_expected += '\n';
    all_expected += without_break(dead.error);
  }
  for (const TestOutcome::Dead& dead : outcome.dead) {
    if (!all_found.empty()) all_found += '\n';
    all_found += dead.reason;
  }
  if (all_expected != all_found || expected.size() != outcome.dead.size()) {
    differences_.push_back(
        {expected.size() == outcome.dead.size()
             ? "dead letters: the reasons differ"
             : fmt::format("dead letters: expected {}, found {}", human_count(expected.size()),
                           outcome.dead.empty() ? "none" : human_count(outcome.dead.size())),
         line_diff(all_expected, all_found)});
    return;
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!expected[i].document) continue;
    const Sample document = sample_of(*expected[i].document, folder_);
    compare(fmt::format("document of dead letter {}", i + 1), {document},
            {sample_of(outcome.dead[i].document)});
  }
}

void Judgement::judge_dead_count(std::uint64_t expected, const TestOutcome& outcome) {
  if (expected == outcome.dead.size()) return;
  std::string reasons;
  for (const TestOutcome::Dead& dead : outcome.dead) {
    if (!reasons.empty()) reasons += '\n';
    reasons += dead.reason;
  }
  differences_.push_back(
      {fmt::format("dead letters: expected {}, found {}",
                   expected == 0 ? "none" : human_count(expected),
                   outcome.dead.empty() ? "none" : human_count(outcome.dead.size())),
       line_diff("", reasons)});
}

}  // namespace docmill
