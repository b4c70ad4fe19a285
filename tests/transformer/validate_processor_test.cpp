#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/transformer/chain_fixture.h"

namespace docmill::test {
namespace {

// A schema in a file of its own, for as long as the test runs.
class SchemaFile {
 public:
  explicit SchemaFile(std::string_view text) {
    std::string folder = (std::filesystem::temp_directory_path() / "docmill-XXXXXX").string();
    REQUIRE(mkdtemp(folder.data()) != nullptr);
    folder_ = folder;
    std::ofstream(path()) << text;
  }
  ~SchemaFile() { std::filesystem::remove_all(folder_); }
  SchemaFile(const SchemaFile&) = delete;
  SchemaFile& operator=(const SchemaFile&) = delete;

  std::string path() const { return (folder_ / "schema").string(); }

 private:
  std::filesystem::path folder_;
};

std::string refusal(const std::string& language, const SchemaFile& file) {
  const auto chain = make_chain("- validate: { " + language + ": " + file.path() + " }");
  if (chain) return "made";
  std::string text = chain.error().text;
  for (std::size_t at = text.find(file.path()); at != text.npos; at = text.find(file.path())) {
    text.replace(at, file.path().size(), "FILE");
  }
  return text;
}

constexpr const char* kXsd = R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:element name="books"><xs:complexType><xs:sequence>
<xs:element name="price" type="xs:decimal" maxOccurs="2"/>
</xs:sequence></xs:complexType></xs:element></xs:schema>)";

constexpr const char* kRelaxNg =
    R"(<element name="books" xmlns="http://relaxng.org/ns/structure/1.0"
datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
<oneOrMore><element name="price"><data type="decimal"/></element></oneOrMore></element>)";

constexpr const char* kJsonSchema = R"({"type": "object", "required": ["id"], "properties": {
"books": {"type": "array", "items": {"$ref": "#/definitions/book"}}},
"definitions": {"book": {"properties": {"a/b": {"type": "number", "minimum": 1}}}}})";

TEST_CASE("validate lets what XSD allows pass as it is, and says where another is wrong") {
  const SchemaFile file(kXsd);
  const std::string yaml = "- validate: { xsd: " + file.path() + " }";
  check_outcomes({
      {yaml, "<books >\n<price>1.50</price></books>", "<books >\n<price>1.50</price></books>"},
      {yaml, "<books>\n<price>1</price>\n<price>x</price></books>",
       "transformer.validate: line 3, /books/price[2]: Element 'price': 'x' is not a valid value "
       "of the atomic type 'xs:decimal'"},
      {yaml, "<books/>",
       "transformer.validate: line 1, /books: Element 'books': Missing child element(s). Expected "
       "is ( price )"},
      {yaml, "<books>",
       "transformer.validate: line 1, column 8: the document ends inside element "
       "'books'; expected '</books>'"},
      {yaml, "{}", "transformer.validate: the document is JSON, and the schema is one for XML"},
  });
}

TEST_CASE("validate lets what RELAX NG allows pass, and says where another is wrong") {
  const SchemaFile file(kRelaxNg);
  const std::string yaml = "- validate: { relax_ng: " + file.path() + " }";
  check_outcomes({
      {yaml, "<books><price>1.50</price></books>", "<books><price>1.50</price></books>"},
      {yaml, "<books>\n<price>1</price>\n<price>x</price></books>",
       "transformer.validate: line 3, /books/price[2]: Type decimal doesn't allow value 'x'"},
  });
}

TEST_CASE("validate lets what JSON Schema allows pass, and says where another is wrong") {
  const SchemaFile file(kJsonSchema);
  const std::string yaml = "- validate: { json_schema: " + file.path() + " }";
  check_outcomes({
      {yaml, R"({ "id": 1.50 })", R"({ "id": 1.50 })"},
      {yaml, "{\"id\": 1, \"books\": [{},\n{\"a/b\": 0}]}",
       "transformer.validate: line 2, /books/1/a~1b: Expected number greater than or equal to "
       "1.000000"},
      {yaml, "{}", "transformer.validate: line 1, the document: Missing required property 'id'"},
      {yaml, "[1e999]",
       "transformer.validate: a number that no double holds, with which JSON Schema is checked"},
      {yaml, "<a/>",
       "transformer.validate: the document is not JSON, and the schema is one for JSON"},
  });
}

TEST_CASE("a pattern of JSON Schema is matched in a string of any length") {
  const SchemaFile file(R"({"properties": {"s": {"pattern": "^(a|b)*$"}, "t": {"format": "date"}},
"patternProperties": {"^(x+)+$": {"type": "number"}}, "propertyNames": {"pattern": "^[a-z]*$"}})");
  const std::string yaml = "- validate: { json_schema: " + file.path() + " }";
  const std::string text(1 << 20, 'a');
  const std::string good = "{\"s\":\"" + text + "\"}";
  check_outcomes({
      {yaml, good, good},
      {yaml, "{\"s\":\"" + text + "!\"}",
       "transformer.validate: line 1, /s: Failed to match regex specified by 'pattern' constraint"},
      {yaml, "{\"t\":\"" + text + "\"}",
       "transformer.validate: line 1, /t: String should be a valid date"},
      {yaml, "{\"" + std::string(1 << 20, 'x') + "\":1}",
       "{\"" + std::string(1 << 20, 'x') + "\":1}"},
      {yaml, R"({"xxx":"a"})",
       "transformer.validate: line 1, /xxx: Value type not permitted by 'type' constraint"},
  });
}

TEST_CASE("a pattern that cannot be matched in linear time is refused at start") {
  const std::string text =
      "FILE: expected a pattern that can be matched in linear time, found a lookahead or "
      "lookbehind "
      "in '^(?=a)'; write the pattern without it, or check that part with a 'keep' of jq";
  struct Row {
    std::string schema;
    std::string result;
  };
  for (const Row& row : std::vector<Row>{
           {R"j({"properties": {"s": {"pattern": "^(?=a)"}}})j", text},
           {R"j({"patternProperties": {"^(?=a)": {}}})j", text},
           {R"j({"properties": {"pattern": {"type": "string"}, "a": {"enum": ["^(?=a)"]}}})j",
            "made"},
           {R"j({"const": "x", "default": ["^(?=a)"]})j", "made"}}) {
    CHECK(refusal("json_schema", SchemaFile(row.schema)) == row.result);
  }
}

TEST_CASE("what is no schema is refused at start") {
  CHECK(refusal("xsd", SchemaFile("<a/>")) ==
        "expected an XSD in FILE: The XML document 'FILE' is not a schema document");
  CHECK(refusal("xsd", SchemaFile("<a>")) ==
        "expected an XSD in FILE: line 1: Premature end of data in tag a line 1");
  CHECK(refusal("xsd", SchemaFile(R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:include schemaLocation="http://127.0.0.1:9/b.xsd"/></xs:schema>)")) ==
        "expected an XSD in FILE: http://127.0.0.1:9/b.xsd: on a network, where nothing is read; "
        "save "
        "a copy and name that");
  CHECK(refusal("relax_ng", SchemaFile("<a/>")) ==
        "expected a RELAX NG schema in FILE: xmlRelaxNGParse: FILE is empty");
  CHECK(refusal("json_schema", SchemaFile("[")) ==
        "FILE: line 1, column 2: expected a value or ']', found the end of the document");
  CHECK(refusal("json_schema", SchemaFile(R"({"type": "nothing"})")) ==
        "FILE: expected JSON Schema: Unrecognised JSON type name 'nothing'");
  CHECK(refusal("json_schema", SchemaFile(R"({"$ref": "http://127.0.0.1:9/b.json"})")) ==
        "FILE: expected JSON Schema: Fetching of remote JSON References not enabled.");
  CHECK(refusal("json_schema",
                SchemaFile(R"({"$schema": "https://json-schema.org/draft/2020-12/schema"})")) ==
        "FILE: expected JSON Schema of draft 4 or 7, found '$schema' "
        "https://json-schema.org/draft/2020-12/schema");
  CHECK(findings_of("- validate") ==
        "test.yaml:1: validate: must have one of xsd, relax_ng or json_schema, got neither\n");
}

}  // namespace
}  // namespace docmill::test
