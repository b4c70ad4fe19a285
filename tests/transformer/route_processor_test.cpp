#include "shared/document/notes.h"
#include "tests/transformer/chain_fixture.h"

namespace docmill::test {
namespace {

// The note of the one document that is made; otherwise what became of it.
std::string noted(const std::string& yaml, std::string_view bytes, Format format) {
  auto chain = make_chain(yaml);
  REQUIRE(chain.ok());
  PayloadWriter payload;
  chain->process(0, {format, bytes, {.source = "a", .record = 1, .offset = 0, .line = 1}}, payload);
  const std::string packed = payload.take();
  PayloadReader reader(packed);
  Entry entry;
  const auto more = reader.next(entry);
  REQUIRE((more && *more));
  if (entry.kind == EntryKind::kDead) return std::string(entry.reason);
  CHECK(entry.document.bytes == bytes);
  return find_note(entry.document.notes, "route").value_or("none");
}

TEST_CASE("route is the first text at a path, a constant or the default") {
  CHECK(noted("- route: { path: c/@k }", "<b><c k='1'/><c k='2'/></b>", Format::kXml) == "1");
  CHECK(noted("- route: { path: \"concat(c, '-', @k)\" }", "<b k='1'><c>x</c></b>", Format::kXml) ==
        "x-1");
  CHECK(noted("- route: { path: 'o:c', namespaces: { o: 'urn:o' } }",
              "<z:b xmlns:z='urn:o'><z:c>x</z:c></z:b>", Format::kXml) == "x");
  CHECK(noted("- route: { path: /a/b }", R"({ "a": {"b": "x\ny"} })", Format::kJson) == "x\ny");
  CHECK(noted("- route: { path: /a }", R"({ "a": 1.50 })", Format::kJson) == "1.50");
  CHECK(noted("- route: { value: orders }", "<b/>", Format::kXml) == "orders");
  CHECK(noted("- route: { path: c, default: other }", "<b/>", Format::kXml) == "other");
  CHECK(noted("[ route: { value: x }, route: { value: y } ]", "<b/>", Format::kXml) == "y");
}

TEST_CASE("a document without the route it must have is a dead letter") {
  CHECK(noted("- route: { path: c }", "<b/>", Format::kXml) ==
        "transformer.route: c: nothing in the document matches; give a default to let it pass");
  CHECK(
      noted("- route: { value: x }", "<b>", Format::kXml) ==
      "transformer.route: line 1, column 4: the document ends inside element 'b'; expected '</b>'");
  CHECK(findings_of("- route: { value: x, default: y }") ==
        "test.yaml:1: route: default: only beside 'path'\n");
  CHECK(findings_of("- route: { value: x, path: y }") ==
        "test.yaml:1: route.value: cannot stand beside 'path'; keep one of them\n");
  CHECK(findings_of("- route: { path: 'y[' }") ==
        "test.yaml:1: route: path: expected an XPath, found 'y[': Unrecognized node test at "
        "character "
        "3\n");
}

}  // namespace
}  // namespace docmill::test
