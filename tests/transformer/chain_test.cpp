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

TEST_CASE("what is no XML is read leniently where that was asked for, and every output says so") {
  ProcessorContext context;
  context.xml.parser = ParserPolicy::kLenient;
  struct Case {
    std::string yaml;
    std::string document;
    std::vector<std::string> made;
    std::string notes;
  };
  const std::string noted = R"("parser":"lenient")";
  const std::vector<Case> cases = {
      {"- to_json", "<a>x & y</a>", {R"({"a":"x & y"})"}, noted},
      {"- to_json", "<a>x &amp; y</a>", {R"({"a":"x & y"})"}, ""},
      {"- to_xml", "<a>x & y</a>", {"<a>x &amp; y</a>"}, noted},
      {"- to_xml", "<a  >x &amp; y</a>", {"<a  >x &amp; y</a>"}, ""},
      {"- select: b", "<a><b>1 & 2</b><b/></a>", {"<b>1 &amp; 2</b>", "<b/>"}, noted},
      {"[ set: { path: '@n', value: x }, to_json ]",
       "<a b='1' b='2'/>",
       {R"({"a":{"@b":"1","@n":"x"}})"},
       noted},
      // What looks and does not touch passes the document as it is.
      {"- keep: b", "<a><b/>&</a>", {"<a><b/>&</a>"}, ""},
  };
  for (const Case& test : cases) {
    INFO(test.yaml << " on " << test.document);
    auto chain = make_chain(test.yaml, context);
    REQUIRE(chain.ok());
    const std::vector<Made> all = make(*chain, test.document);
    REQUIRE(all.size() == test.made.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      CHECK(all[i].bytes == test.made[i]);
      CHECK(all[i].notes == test.notes);
    }
  }
}

TEST_CASE("with dtd: reject a DOCTYPE is a dead letter, read leniently or not") {
  for (const ParserPolicy parser : {ParserPolicy::kStrict, ParserPolicy::kLenient}) {
    ProcessorContext context;
    context.xml.parser = parser;
    context.xml.dtd = DtdPolicy::kReject;
    auto chain = make_chain("- to_json", context);
    REQUIRE(chain.ok());
    const std::string reason = make(*chain, "<!DOCTYPE a><a/>").at(0).reason;
    CHECK_THAT(reason,
               Catch::EndsWith("a DOCTYPE is not accepted here; send the document without one"));
  }
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
