#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "cli/testing/test_report.h"
#include "shared/base/check.h"
#include "shared/base/log.h"
#include "shared/document/checked_xml.h"
#include "shared/document/utf8.h"
#include "shared/document/xml_text.h"

namespace docmill {
namespace {

// Text that XML can carry: a character that it cannot becomes U+FFFD.
std::string carried(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
    const std::string_view character = text.substr(0, length);
    out += is_xml_text(character) ? character : std::string_view("\uFFFD");
    text.remove_prefix(length);
  }
  return out;
}

class Writer {
 public:
  std::string take() { return std::move(out_); }

  void open(std::string_view name) { check(xml_.open(name)); }
  void attribute(std::string_view name, std::string_view value) {
    check(xml_.attribute(name, carried(value)));
  }
  void text(std::string_view text) { check(xml_.text(carried(text))); }
  void close(std::string_view name) { xml_.close(name); }
  void line_break() { check(xml_.text("\n")); }

 private:
  void check(bool done) { DOCMILL_CHECK(done, "{}", xml_.failure()); }

  std::string out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  CheckedXml xml_{out_};
};

struct Totals {
  std::size_t tests = 0;
  std::size_t failed = 0;
  Duration took{};

  void add(const TestReport& report) {
    ++tests;
    failed += report.passed() ? 0 : 1;
    took += report.took;
  }
};

void add_totals(Writer& xml, const Totals& totals) {
  xml.attribute("tests", std::to_string(totals.tests));
  xml.attribute("failures", std::to_string(totals.failed));
  xml.attribute("errors", "0");
  xml.attribute("time", fmt::format("{:.6f}", std::chrono::duration<double>(totals.took).count()));
}

void add_case(Writer& xml, const TestReport& report) {
  xml.open("testcase");
  xml.attribute("name", report.name);
  xml.attribute("classname", report.file);
  xml.attribute("file", report.file);
  xml.attribute("line", std::to_string(report.line));
  xml.attribute("time", fmt::format("{:.6f}", std::chrono::duration<double>(report.took).count()));
  if (!report.passed()) {
    xml.open("failure");
    xml.attribute("message", escape_controls(report.differences.front().text));
    xml.text(report_text(report, false));
    xml.close("failure");
  }
  xml.close("testcase");
  xml.line_break();
}

}  // namespace

std::string junit_xml(const std::vector<TestReport>& reports) {
  Writer xml;
  Totals all;
  for (const TestReport& report : reports) all.add(report);
  xml.open("testsuites");
  add_totals(xml, all);
  xml.line_break();
  for (auto begin = reports.begin(); begin != reports.end();) {
    const auto end = std::find_if(
        begin, reports.end(), [&](const TestReport& report) { return report.file != begin->file; });
    Totals totals;
    for (auto report = begin; report != end; ++report) totals.add(*report);
    xml.open("testsuite");
    xml.attribute("name", begin->file);
    add_totals(xml, totals);
    xml.line_break();
    for (; begin != end; ++begin) add_case(xml, *begin);
    xml.close("testsuite");
    xml.line_break();
  }
  xml.close("testsuites");
  return xml.take() + "\n";
}

}  // namespace docmill
