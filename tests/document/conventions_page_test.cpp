// docs/conventions.md is made here, by the code that it is about, and compared.
#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <string>

#include "shared/document/json_to_xml.h"
#include "shared/document/xml_to_json.h"
#include "tests/support/catch.h"

using namespace docmill;

namespace {

constexpr std::string_view kIntroduction = R"(# JSON conventions

XML and JSON say different things. A convention says how one stands for the other. `to_json`, `to_xml` and `docmill convert --convention`
know these; the table of rules is `shared/document/json_convention.h`. This page is printed by a test from the code and compared with it.

What a convention cannot say is a *loss*. Losses are found while writing, named in the document's metadata (`loss`), counted in the
transformer's telemetry (`lossy`), and treated as `on_loss` says: `pass` (only note it), `warn` (say it in the log too), `error` (a dead letter),
`ordered` (write the contents of that element as a list, `#children`, so that nothing is lost).

| loss | means |
|---|---|
| `order` | elements of one name stood among others; which came first is not said |
| `mixed` | where text stood between elements |
| `pi`, `comment` | a processing instruction, a comment |
| `number` | how a number was written (`007`, `1.10`), or that a text was one |
| `attribute` | an attribute, or that it was one |
| `type`, `array`, `character` | to XML without hints: that something was `true`, `null`, `{}`, an array, or a character that XML cannot carry |

## One document in every convention

```xml
)";

constexpr std::string_view kOrder =
    R"(<o:order xmlns:o="urn:o" id="007"><!--c--><?pi d?><item q="1">Tea</item><n>1.10</n>)"
    R"(<item>Milk</item><e/><note>Hi <b>you</b> all</note><k><![CDATA[a<b]]></k></o:order>)";

std::string lost(Losses losses) { return losses.empty() ? "nothing" : losses.text(); }

std::string to_json(const JsonOptions& options, std::string_view xml, Losses& losses) {
  XmlToJson converter({}, options);
  std::string json;
  losses = converter.convert(xml, json).value();
  return json;
}

std::string of_xml(JsonConvention convention, std::string_view name) {
  JsonOptions options;
  options.convention = convention;
  Losses losses;
  const std::string json = to_json(options, kOrder, losses);
  std::string page =
      fmt::format("### {}\n\n```json\n{}\n```\n\nLost: {}. ", name, json, lost(losses));
  if (convention == JsonConvention::kParker) return page + "It cannot be read back.\n\n";
  JsonToXml back({.convention = convention});
  std::string xml;
  REQUIRE(back.convert(json, xml).ok());
  if (xml == kOrder) return page + "Read back, it is the same document.\n\n";
  return page + fmt::format("Read back, it is\n\n```xml\n{}\n```\n\n", xml);
}

std::string of_json(JsonConvention convention, std::string_view name, std::string_view json) {
  JsonToXml converter({.convention = convention});
  std::string xml;
  const Losses losses = converter.convert(json, xml).value();
  JsonOptions options;
  options.convention = convention;
  Losses ignored;
  CHECK(to_json(options, xml, ignored) == json);
  return fmt::format("### {}\n\n```xml\n{}\n```\n\nLost: {}. Read back, it is the same bytes.\n\n",
                     name, xml, lost(losses));
}

std::string page() {
  constexpr std::string_view kJson = R"({"a b":[1.10,null,true],"n":12345678901234567890,"e":{}})";
  std::string page(kIntroduction);
  page += fmt::format("{}\n```\n\n", kOrder);
  page += of_xml(JsonConvention::kCompact, "compact (the default)");
  JsonOptions in_order;
  in_order.on_loss = LossPolicy::kOrdered;
  Losses losses;
  const std::string json = to_json(in_order, kOrder, losses);
  page += fmt::format("With `on_loss: ordered`:\n\n```json\n{}\n```\n\nLost: {}.\n\n", json,
                      lost(losses));
  page += of_xml(JsonConvention::kOrdered, "ordered");
  page += of_xml(JsonConvention::kJsonml, "jsonml");
  page += of_xml(JsonConvention::kBadgerfish, "badgerfish");
  page += of_xml(JsonConvention::kParker, "parker");
  page += fmt::format(
      "## JSON as XML\n\nTwo conventions begin with JSON: every JSON document has an XML form, and "
      "that "
      "form gives the JSON back, the digits of its numbers included.\n\n```json\n{}\n```\n\n",
      kJson);
  page += of_json(JsonConvention::kNatural, "natural (the default to XML)", kJson);
  page += of_json(JsonConvention::kXpath31, "xpath31 (fn:json-to-xml)", kJson);
  page.pop_back();
  return page;
}

}  // namespace

TEST_CASE("docs/conventions.md shows what the code makes") {
  std::ifstream file(DOCMILL_SOURCE_DIR "/docs/conventions.md", std::ios::binary);
  const std::string there{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::string made = page();
  const bool same = there == made;
  if (!same) std::ofstream(DOCMILL_BINARY_DIR "/../conventions.md", std::ios::binary) << made;
  INFO("the page as it should be is in the build folder: conventions.md");
  CHECK(same);
}
