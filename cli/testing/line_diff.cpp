#include "cli/testing/line_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <unordered_map>

#include "shared/base/log.h"
#include "shared/base/units.h"
#include "shared/document/utf8.h"

namespace docmill {
namespace {

using Kind = DiffLine::Kind;
using Lines = std::vector<std::string_view>;

constexpr std::size_t kMostCompared = 1000;
constexpr std::size_t kMostShown = 80;
constexpr std::size_t kMostOfARun = 20;
constexpr std::size_t kContext = 3;
constexpr std::size_t kMostBytes = 160;
constexpr std::size_t kBeforeDifference = 60;

std::size_t common_prefix(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first -
                                  a.begin());
}

bool is_inside_character(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
}

// What of the line is shown, when what matters is at that place.
std::string shown(std::string_view line, std::size_t at) {
  std::size_t begin =
      line.size() <= kMostBytes || at < kBeforeDifference * 2 ? 0 : at - kBeforeDifference;
  std::size_t end = std::min(begin + kMostBytes, line.size());
  while (begin > 0 && is_inside_character(line, begin)) --begin;
  while (end < line.size() && is_inside_character(line, end)) --end;
  std::string text;
  for (std::string_view rest = line.substr(begin, end - begin); !rest.empty();) {
    const std::size_t length = utf8_length(rest);
    text += length == 0 ? std::string_view("\uFFFD") : rest.substr(0, length);
    rest.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return (begin > 0 ? "..." : "") + escape_controls(text) + (end < line.size() ? "..." : "");
}

std::size_t line_breaks(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

// Where the line begins that is so many lines before the one at that place.
std::size_t line_start(std::string_view text, std::size_t at, std::size_t lines_before) {
  while (true) {
    const std::size_t line_break = at == 0 ? text.npos : text.rfind('\n', at - 1);
    if (line_break == text.npos) return 0;
    if (lines_before == 0) return line_break + 1;
    --lines_before;
    at = line_break;
  }
}

// How many bytes at the end are equal lines that need not be shown.
std::size_t equal_end(std::string_view a, std::string_view b) {
  const auto size = static_cast<std::size_t>(
      std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend()).first - a.rbegin());
  const std::string_view end = a.substr(a.size() - size);
  std::size_t at = 0;
  for (std::size_t line = 0; line <= kContext; ++line) {
    at = end.find('\n', at);
    if (at == end.npos) return 0;
    ++at;
  }
  return size - (at - 1);
}

// The lines of the text, but not more than are compared; then whole becomes false.
Lines first_lines(std::string_view text, bool& whole) {
  Lines lines;
  for (std::size_t at = 0; !text.empty() && at != text.npos;) {
    if (lines.size() == kMostCompared) {
      whole = false;
      break;
    }
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end == text.npos ? end : end - at));
    at = end == text.npos ? end : end + 1;
  }
  return lines;
}

// A line of one of the texts, or of both.
struct Step {
  Kind kind = Kind::kSame;
  std::string_view text;
  std::size_t at = 0;  // where it differs from its counterpart
};

// Lines as numbers: equal ones have the same.
std::vector<std::uint32_t> numbered(const Lines& lines,
                                    std::unordered_map<std::string_view, std::uint32_t>& known) {
  std::vector<std::uint32_t> numbers;
  for (const std::string_view line : lines) {
    const auto next = static_cast<std::uint32_t>(known.size());
    numbers.push_back(known.emplace(line, next).first->second);
  }
  return numbers;
}

// The shortest way from one to the other, by the longest common subsequence.
std::vector<Step> steps_between(const Lines& expected, const Lines& found) {
  std::unordered_map<std::string_view, std::uint32_t> known;
  const auto a = numbered(expected, known);
  const auto b = numbered(found, known);
  const std::size_t width = b.size() + 1;
  std::vector<std::uint16_t> longest((a.size() + 1) * width);
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      longest[i * width + j] =
          a[i] == b[j] ? static_cast<std::uint16_t>(longest[(i + 1) * width + j + 1] + 1)
                       : std::max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  std::vector<Step> steps;
  for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      steps.push_back({Kind::kSame, expected[i++]});
      ++j;
    } else if (j == b.size() ||
               (i < a.size() && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) {
      steps.push_back({Kind::kExpected, expected[i++]});
    } else {
      steps.push_back({Kind::kFound, found[j++]});
    }
  }
  return steps;
}

// Between two equal lines what was expected stands before what was found, and the first of one is
// compared with the first of the other.
void pair_up(std::vector<Step>& steps) {
  for (auto begin = steps.begin(); begin != steps.end();) {
    const auto end =
        std::find_if(begin, steps.end(), [](const Step& step) { return step.kind == Kind::kSame; });
    const auto found = std::stable_partition(
        begin, end, [](const Step& step) { return step.kind == Kind::kExpected; });
    for (auto a = begin, b = found; a != found && b != end; ++a, ++b) {
      a->at = b->at = common_prefix(a->text, b->text);
    }
    begin = end == steps.end() ? end : end + 1;
  }
}

// Whether a difference is near enough for the equal line to be shown.
std::vector<bool> near_difference(const std::vector<Step>& steps) {
  std::vector<bool> near(steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].kind == Kind::kSame) continue;
    const std::size_t last = std::min(i + kContext, steps.size() - 1);
    for (std::size_t j = i - std::min(i, kContext); j <= last; ++j) near[j] = true;
  }
  return near;
}

DiffLine left_out(std::size_t lines, std::string_view what) {
  return {Kind::kLeftOut,
          fmt::format("{} {} line{}", human_count(lines), what, lines == 1 ? "" : "s")};
}

std::string_view words(Kind kind) {
  return kind == Kind::kSame ? "equal" : kind == Kind::kExpected ? "more expected" : "more found";
}

// before, after: equal lines around them.
std::vector<DiffLine> shown_lines(const std::vector<Step>& steps, std::size_t before,
                                  std::size_t after) {
  const std::vector<bool> near = near_difference(steps);
  std::vector<DiffLine> lines;
  std::size_t hidden = before;  // of the run that ends here
  Kind hidden_kind = Kind::kSame;
  std::size_t run = 0;
  const auto tell_hidden = [&] {
    if (hidden > 0) lines.push_back(left_out(hidden, words(hidden_kind)));
    hidden = 0;
  };
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    run = i > 0 && steps[i - 1].kind == step.kind ? run + 1 : 1;
    const bool show = near[i] && (step.kind == Kind::kSame || run <= kMostOfARun);
    if (hidden > 0 && (show || hidden_kind != step.kind)) tell_hidden();
    if (lines.size() >= kMostShown) {
      lines.push_back({Kind::kLeftOut, "more lines"});
      return lines;
    }
    if (show) {
      lines.push_back({step.kind, shown(step.text, step.at)});
    } else {
      hidden_kind = step.kind;
      ++hidden;
    }
  }
  if (hidden_kind != Kind::kSame) tell_hidden();
  hidden_kind = Kind::kSame;
  hidden += after;
  tell_hidden();
  return lines;
}

}  // namespace

std::vector<DiffLine> line_diff(std::string_view expected, std::string_view found) {
  const std::size_t begin = line_start(expected, common_prefix(expected, found), kContext);
  const std::size_t before = line_breaks(expected.substr(0, begin));
  expected.remove_prefix(begin);
  found.remove_prefix(begin);
  const std::size_t end = equal_end(expected, found);
  const std::size_t after = line_breaks(expected.substr(expected.size() - end));
  expected.remove_suffix(end);
  found.remove_suffix(end);
  bool whole = true;
  const Lines a = first_lines(expected, whole);
  const Lines b = first_lines(found, whole);
  std::vector<Step> steps = steps_between(a, b);
  pair_up(steps);
  std::vector<DiffLine> lines = shown_lines(steps, before, whole ? after : 0);
  if (!whole) lines.push_back({Kind::kLeftOut, "lines that were not compared"});
  return lines;
}

}  // namespace docmill
