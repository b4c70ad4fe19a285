#include "tests/conformance/verdicts.h"

#include "shared/document/expat_verdict.h"
#include "shared/document/xml_reader.h"
#include "tests/conformance/canonical.h"
#include "tests/conformance/judges.h"
#include "tests/document/cut.h"
#include "tests/mutations/editions.h"

namespace docmill::conformance {

Verdicts judge(const std::string& bytes) {
  Verdicts verdicts;
  XmlTape tape;
  const Result<XmlScanner::Verdict> scanned = XmlScanner(XmlLimits(), true).scan(bytes, tape);
  verdicts.guard = !scanned.ok() || *scanned == XmlScanner::Verdict::kAccepted;
  XmlReader reader;
  const Result<const XmlTape*> read = reader.read(bytes);
  verdicts.docmill = read.ok();
  if (!read.ok()) verdicts.docmill_error = read.error().text;
  XmlFailure failure;
  verdicts.expat = expat_accepts(bytes, failure);
  if (!verdicts.expat) verdicts.expat_error = failure.text;
  verdicts.libxml2 = libxml2_accepts(bytes);
  verdicts.pugixml = pugixml_accepts(bytes);
  if (verdicts.docmill && !verdicts.expat) {
    verdicts.only_editions_differ = expat_accepts(with_4th_edition_names(bytes), failure);
  }
  return verdicts;
}

Output judge_output(const SuiteCase& test, const Verdicts& verdicts) {
  if (!test.output || !verdicts.docmill) return Output::kNone;
  XmlReader reader;
  const std::string tape = canonical(**reader.read(test.bytes));
  const Cut record = cut(test.bytes, "/*", test.bytes.size() + 1, written_anew());
  if (record.records.size() != 1) return Output::kWrong;
  const auto same = [&](const std::string& whole) {
    const std::string expected = canonical(whole);
    return !expected.empty() && canonical(record.records[0]) == expected && tape == expected;
  };
  if (same(*test.output)) return Output::kEqual;
  if (!same(test.bytes)) return Output::kWrong;
  if (test.version_1_1) return Output::kVersion;
  const bool outer = test.bytes.find("SYSTEM") != std::string::npos ||
                     test.bytes.find("PUBLIC") != std::string::npos;
  return outer ? Output::kOuter : Output::kWrong;
}

}  // namespace docmill::conformance
