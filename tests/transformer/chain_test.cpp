#include "tests/transformer/chain_fixture.h"

namespace docmill::test {
namespace {

using namespace literals;

TEST_CASE("without processors a document passes as it is") {
  CHECK(through("[]", "<b/>") ==
        std::vector<Made>{{EntryKind::kDocument, Format::kXml, "<b/>", ""}});
}

TEST_CASE("each processor works on what the one before it made") {
  CHECK(through("[ select: { path: c }, set: { path: '@n', value: x }, to_json ]",
                "<b><c>1</c><c>2</c></b>") ==
        std::vector<Made>{
            {EntryKind::kDocument, Format::kJson, R"({"c":{"@n":"x","#text":"1"}})", ""},
            {EntryKind::kDocument, Format::kJson, R"({"c":{"@n":"x","#text":"2"}})", ""}});
}

TEST_CASE("processors with one obvious field take it without its name") {
  CHECK(through("[ select: c, to_json: ordered ]", "<b><c>1</c></b>") ==
        std::vector<Made>{{EntryKind::kDocument, Format::kJson, R"(["c","1"])", ""}});
  CHECK(through("[ to_xml: jsonml, text: c ]", R"(["b",["c","1"],"2"])", Format::kJson) ==
        std::vector<Made>{{EntryKind::kDocument, Format::kText, "1", ""}});
}

TEST_CASE("a document that fails half way leaves its dead letter and nothing else") {
  // The first result of select has where to set, the second has not.
  const auto made =
      through("[ select: { path: c }, set: { path: d/e, value: x } ]", "<b><c><d/></c><c/></b>");
  REQUIRE(made.size() == 1);
  CHECK(made[0].kind == EntryKind::kDead);
  CHECK(made[0].bytes == "<b><c><d/></c><c/></b>");
}

TEST_CASE("outputs that outgrow the limit are a dead letter") {
  ProcessorContext context;
  context.largest_payload = 64_B;
  auto chain = make_chain("- set: { path: '@n', value: '" + std::string(64, 'x') + "' }", context);
  REQUIRE(chain.ok());
  CHECK(make(*chain, "<b/>") ==
        std::vector<Made>{
            {EntryKind::kDead, Format::kXml, "<b/>",
             "transformer: its outputs and those before it in the batch take more than 64B"}});
}

TEST_CASE("a chain goes on after a failure") {
  auto chain = make_chain("- to_json");
  REQUIRE(chain.ok());
  CHECK(make(*chain, "<b>")[0].kind == EntryKind::kDead);
  CHECK(make(*chain, "<b/>") ==
        std::vector<Made>{{EntryKind::kDocument, Format::kJson, "{\"b\":null}", ""}});
}

}  // namespace
}  // namespace docmill::test
