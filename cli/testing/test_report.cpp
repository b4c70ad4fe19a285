#include "cli/testing/test_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/base/log.h"

namespace docmill {
namespace {

constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kDim = "\x1b[2m";

std::string painted(std::string_view text, std::string_view paint, bool colour) {
  return colour && !paint.empty() ? fmt::format("{}{}\x1b[0m", paint, text) : std::string(text);
}

std::string line_text(const DiffLine& line, bool colour) {
  switch (line.kind) {
    case DiffLine::Kind::kExpected:
      return painted("    - " + line.text, kRed, colour);
    case DiffLine::Kind::kFound:
      return painted("    + " + line.text, kGreen, colour);
    case DiffLine::Kind::kLeftOut:
      return painted("    ... " + line.text, kDim, colour);
    case DiffLine::Kind::kSame:
      break;
  }
  return line.text.empty() ? "" : "      " + line.text;
}

}  // namespace

std::string report_text(const TestReport& report, bool colour) {
  std::string text =
      painted(report.passed() ? "ok    " : "FAILED", report.passed() ? kGreen : kRed, colour);
  text += fmt::format(" {}:{}: {}\n", report.file, report.line, escape_controls(report.name));
  for (const Difference& difference : report.differences) {
    text += "  " + escape_controls(difference.text);
    text += difference.lines.empty() ? "\n" : " (- expected, + found)\n";
    for (const DiffLine& line : difference.lines) text += line_text(line, colour) + "\n";
  }
  for (const std::string& line : report.log) {
    if (!report.passed()) text += "  log: " + escape_controls(line) + "\n";
  }
  return text;
}

std::string summary_text(const std::vector<TestReport>& reports) {
  const auto failed = static_cast<std::size_t>(std::count_if(
      reports.begin(), reports.end(), [](const TestReport& report) { return !report.passed(); }));
  return fmt::format("{} test{}: {} ok, {} failed\n", human_count(reports.size()),
                     reports.size() == 1 ? "" : "s", human_count(reports.size() - failed),
                     human_count(failed));
}

}  // namespace docmill
