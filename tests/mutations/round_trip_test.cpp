// XML to `ordered` JSON and back, on every well-formed document of the W3C suite.
#include "shared/document/json_to_xml.h"
#include "shared/document/xml_to_json.h"
#include "tests/conformance/canonical.h"
#include "tests/conformance/suite.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

TEST_CASE(
    "a document of the suite is the same in canonical form after a way through ordered JSON") {
  JsonOptions ordered;
  ordered.convention = JsonConvention::kOrdered;
  XmlToJson there({}, ordered);
  JsonToXml back({.convention = JsonConvention::kOrdered});
  int compared = 0;
  for (const conformance::SuiteCase& document :
       conformance::read_suite(DOCMILL_SOURCE_DIR "/build/data/xml-conformance/build/dist")) {
    std::string json;
    const Result<Losses> made = there.convert(document.bytes, json);
    if (!made) continue;
    INFO(document.id << ": " << json.substr(0, 2000));
    CHECK(made->empty());
    std::string xml;
    const Result<Losses> read = back.convert(json, xml);
    REQUIRE((read ? "" : read.error().text) == "");
    const std::string before = conformance::canonical(document.bytes);
    if (before.empty())
      continue;  // one of the differences from expat that docs/conformance.md lists
    CHECK(conformance::canonical(xml) == before);
    ++compared;
  }
  CHECK(compared > 700);
}

}  // namespace
}  // namespace docmill
