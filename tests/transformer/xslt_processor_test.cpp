#include <filesystem>
#include <fstream>

#include "tests/store/temp_folder.h"
#include "tests/transformer/chain_fixture.h"

namespace docmill::test {
namespace {

// Files of stylesheets in a folder of their own, for as long as the test runs.
class Sheets {
 public:
  // body: what stands in xsl:stylesheet. Its first line is line 2.
  explicit Sheets(const std::string& body) { add("main.xsl", body); }
  void add(const std::string& name, const std::string& body) {
    raw(name, "<xsl:stylesheet version='1.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform'>\n" +
                  body + "</xsl:stylesheet>");
  }
  void raw(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name)) << text;
  }
  std::string path(const std::string& name) const { return folder_ / name; }
  std::string yaml(const std::string& more = "") const {
    return "- xslt: { stylesheet: " + path("main.xsl") + more + " }";
  }
  // The text with FOLDER in the place of the folder.
  std::string without_folder(std::string text) const {
    const std::string name = folder_.path();
    for (std::size_t at = text.find(name); at != text.npos; at = text.find(name, at)) {
      text.replace(at, name.size(), "FOLDER");
    }
    return text;
  }
  std::string outcome_of(const std::string& document, const std::string& more = "") const {
    return without_folder(outcome(yaml(more), document));
  }
  // Why there is no such processor.
  std::string refusal(const std::string& more = "") const {
    const auto chain = make_chain(yaml(more));
    return chain ? "made" : without_folder(chain.error().text);
  }

 private:
  TempFolder folder_;
};

const std::string kBare = "<xsl:output omit-xml-declaration='yes'/>\n";

TEST_CASE("xslt makes XML by a stylesheet, in UTF-8 whatever the stylesheet says") {
  const Sheets sheets(
      "<xsl:output encoding='ISO-8859-1'/>\n"
      "<xsl:template match='/b'><c k='{@k}'><xsl:for-each select='i'><xsl:sort select='.'/>"
      "<xsl:copy-of select='.'/></xsl:for-each></c></xsl:template>\n");
  CHECK(through(sheets.yaml(), "<b k='é'><i>2</i><i><![CDATA[<]]>1</i></b>") ==
        std::vector<Made>{{EntryKind::kDocument, Format::kXml,
                           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                           "<c k=\"é\"><i>2</i><i>&lt;1</i></c>\n",
                           ""}});
  // The document's own encoding and its DTD are read as everywhere.
  CHECK(outcome(sheets.yaml() + "\n- select: '@k'",
                "<?xml version='1.0' encoding='ISO-8859-1'?>"
                "<!DOCTYPE b [<!ENTITY e 'x'>]><b k='&e;\xe9'/>") == "xé");
}

TEST_CASE("xslt makes text where the stylesheet says text or HTML") {
  const Sheets text(
      "<xsl:output method='text'/>\n"
      "<xsl:template match='/b'><xsl:value-of select='c'/>&amp;\n</xsl:template>\n");
  CHECK(through(text.yaml(), "<b><c>é&lt;</c></b>") ==
        std::vector<Made>{{EntryKind::kDocument, Format::kText, "é<&\n", ""}});
  const Sheets html("<xsl:template match='/'><html><br/></html></xsl:template>\n");
  CHECK(through(html.yaml(), "<b/>") ==
        std::vector<Made>{{EntryKind::kDocument, Format::kText, "<html><br></html>\n", ""}});
}

TEST_CASE("xslt gives its parameters to the stylesheet, as texts") {
  Sheets sheets(kBare +
                "<xsl:include href='more/b.xsl'/><xsl:param name='a'>none</xsl:param>"
                "<xsl:template match='/'><c><xsl:value-of select='concat($a, $b)'/></c>"
                "</xsl:template>\n");
  sheets.add("more/b.xsl", "<xsl:param name='b' select='1 + 1'/>");
  CHECK(sheets.outcome_of("<b/>") == "<c>none2</c>\n");
  CHECK(sheets.outcome_of("<b/>", ", parameters: { a: \"it's \\\"/b\\\"\", b: '3 + 4' }") ==
        "<c>it's \"/b\"3 + 4</c>\n");
  CHECK(sheets.refusal(", parameters: { c: x }") ==
        "FOLDER/main.xsl: the stylesheet has no xsl:param 'c'; it has a, b");
  CHECK(Sheets("").refusal(", parameters: { c: x }") ==
        "FOLDER/main.xsl: the stylesheet has no xsl:param 'c'; it has none");
}

TEST_CASE("what is no stylesheet of XSLT 1.0 is refused at start") {
  Sheets sheets("");
  const auto refusal = [&](const std::string& text) {
    sheets.raw("main.xsl", text);
    return sheets.refusal();
  };
  const std::string begin = "<xsl:stylesheet xmlns:xsl='http://www.w3.org/1999/XSL/Transform' ";
  CHECK(refusal("<a>") ==
        "FOLDER/main.xsl: line 1, column 4: the document ends inside element 'a'; expected '</a>'");
  CHECK(refusal("<a/>") == "FOLDER/main.xsl: expected a stylesheet of XSLT 1.0, found element 'a'");
  CHECK(refusal(begin + "version='2.0'/>") ==
        "FOLDER/main.xsl: expected a stylesheet of XSLT 1.0, found version '2.0'");
  CHECK(refusal(begin + "version='1.0'>\n<xsl:template match='/'>\n<xsl:value-of select='a['/>"
                        "</xsl:template></xsl:stylesheet>") ==
        "FOLDER/main.xsl: line 3, element value-of: xsl:value-of : could not compile select "
        "expression 'a['");
  CHECK(refusal(begin + "version='1.0'>\n<xsl:template><a/></xsl:template></xsl:stylesheet>") ==
        "FOLDER/main.xsl: line 2, element template: xsl:template: need to specify match or name "
        "attribute");
  CHECK(refusal(begin + "version='1.0'>\n<xsl:wrong/></xsl:stylesheet>") ==
        "FOLDER/main.xsl: line 2, element wrong: xsltParseStylesheetTop: unknown wrong element");
  std::filesystem::remove(sheets.path("main.xsl"));
  CHECK(sheets.refusal() == "FOLDER/main.xsl: cannot be read: no such file or directory");
  CHECK(findings_of("- xslt") ==
        "test.yaml:1: xslt.stylesheet: missing, and required; for example 'stylesheet: "
        "style/catalog.xsl'\n");
}

TEST_CASE("a stylesheet imports files of its folder and no other") {
  Sheets sheets("");
  const auto refusal = [&](const std::string& href) {
    sheets.add("main.xsl", "<xsl:import href='" + href + "'/>\n");
    return sheets.refusal();
  };
  const std::string only =
      ": xsl:import and xsl:include reach files in the folder of the stylesheet, and no other";
  sheets.add("b.xsl", "<xsl:import href='in/c.xsl'/>");
  sheets.add("in/c.xsl", "<xsl:import href='../d.xsl'/>");
  sheets.add("d.xsl", "");
  CHECK(refusal("b.xsl") == "made");
  sheets.add("in/c.xsl", "<xsl:import href='../../d.xsl'/>");
  CHECK(refusal("b.xsl").ends_with("/d.xsl" + only));
  CHECK(refusal("/etc/passwd") == "FOLDER/main.xsl: /etc/passwd" + only);
  CHECK(refusal("http://127.0.0.1:9/a.xsl") == "FOLDER/main.xsl: http://127.0.0.1:9/a.xsl" + only);
  CHECK(refusal("file:///etc/passwd") == "FOLDER/main.xsl: file:///etc/passwd" + only);
  CHECK(refusal("e.xsl") ==
        "FOLDER/main.xsl: FOLDER/e.xsl: cannot be read: no such file or directory");
  sheets.raw("f.xsl", "<!DOCTYPE a [<!ENTITY e SYSTEM '/etc/passwd'>]><a>&e;</a>");
  CHECK(refusal("f.xsl") ==
        "FOLDER/main.xsl: FOLDER/f.xsl: line 1, column 51: an entity is kept in '/etc/passwd', and "
        "nothing outside of the file is fetched; expand it");
  std::filesystem::create_symlink("/etc/passwd", sheets.path("g.xsl"));
  CHECK(refusal("g.xsl").ends_with(only));
}

TEST_CASE("while it runs a stylesheet reads no file and writes none") {
  const auto made = [](const std::string& template_text) {
    const Sheets sheets(kBare + "<xsl:template match='/'><c>" + template_text +
                        "</c></xsl:template>\n");
    return sheets.outcome_of("<b/>");
  };
  CHECK(made("<xsl:value-of select=\"count(document('')//*)\"/>") == "<c>5</c>\n");
  CHECK(made("<xsl:value-of select=\"document('/etc/passwd')\"/>") ==
        "transformer.xslt: line 3, element value-of: Local file read for /etc/passwd refused");
  CHECK(made("<xsl:copy-of select=\"document('file:///etc/hosts')\"/>") ==
        "transformer.xslt: line 3, element copy-of: Local file read for file:///etc/hosts refused");
  CHECK(made("<xsl:copy-of select=\"document('http://127.0.0.1:9/')\"/>") ==
        "transformer.xslt: line 3, element copy-of: Network file read for http://127.0.0.1:9/ "
        "refused");
  CHECK(made("<xsl:copy-of select=\"document('other.xsl')\"/>") ==
        "transformer.xslt: line 3, element copy-of: Local file read for FOLDER/other.xsl refused");
  // It knows no such extension at all.
  CHECK(made("<w:document xmlns:w='http://exslt.org/common' xsl:extension-element-prefixes='w' "
             "href='written'><a/></w:document>") ==
        "<c><w:document xmlns:w=\"http://exslt.org/common\" "
        "href=\"written\"><a/></w:document></c>\n");
  CHECK_FALSE(std::filesystem::exists("written"));
  const TempFolder folder;
  const std::string file = folder / "written";
  struct Writer {
    std::string name;
    std::string uri;
    std::string attribute;
  };
  const std::vector<Writer> writers = {
      {.name = "w:document", .uri = "http://www.jclark.com/xt", .attribute = "href"},
      {.name = "w:output", .uri = "http://icl.com/saxon", .attribute = "href"},
      {.name = "w:write",
       .uri = "org.apache.xalan.xslt.extensions.Redirect",
       .attribute = "select"},
      {.name = "xsl:document", .uri = "urn:none", .attribute = "href"}};
  for (const Writer& writer : writers) {
    INFO(writer.uri);
    const std::string value =
        writer.attribute == "select" ? "\"'" + file + "'\"" : "'" + file + "'";
    Sheets sheets("");
    sheets.raw("main.xsl",
               "<xsl:stylesheet version='1.1' xmlns:xsl='http://www.w3.org/1999/XSL/Transform' "
               "xmlns:w='" +
                   writer.uri +
                   "' extension-element-prefixes='w'>"
                   "<xsl:template match='/'><c><" +
                   writer.name + " " + writer.attribute + "=" + value + "><a/></" + writer.name +
                   "></c></xsl:template></xsl:stylesheet>");
    const std::string element = writer.name.substr(writer.name.find(':') + 1);
    CHECK(outcome(sheets.yaml(), "<b/>") ==
          "transformer.xslt: line 1, element " + element + ": File write for " + file + " refused");
    CHECK_FALSE(std::filesystem::exists(file));
  }
}

TEST_CASE("what a stylesheet cannot do with a document is a dead letter with the place") {
  const auto made = [](const std::string& body, const std::string& document = "<b/>") {
    return Sheets(kBare + body).outcome_of(document);
  };
  CHECK(made("<xsl:template match='/'>\n<xsl:message>one</xsl:message><xsl:if test='b'>"
             "<xsl:message terminate='yes'>no price in <xsl:value-of select='b/@id'/>"
             "</xsl:message></xsl:if></xsl:template>\n",
             "<b id='7'/>") == "transformer.xslt: xsl:message: no price in 7");
  CHECK(made("<xsl:template match='/'>\n<c><xsl:value-of select='nothing()'/></c>"
             "</xsl:template>\n") ==
        "transformer.xslt: line 4, element value-of: XPath evaluation returned no result: "
        "xmlXPathCompOpEval: function nothing not found");
  CHECK(made("<xsl:template match='/'>text</xsl:template>\n") ==
        "transformer.xslt: the result is no document of XML: line 1, column 1: expected '<' of the "
        "root element, found 't'");
  CHECK(made("<xsl:template match='/'><a/><a/></xsl:template>\n") ==
        "transformer.xslt: the result is no document of XML: line 1, column 5: expected the end of "
        "the document after the root element, found '<'");
  CHECK(made("<xsl:template match='/'/>\n") == "transformer.xslt: the result is empty");
  CHECK(made("<xsl:template match='/'><a><xsl:value-of select=\"'&lt;'\" "
             "disable-output-escaping='yes'/></a></xsl:template>\n") ==
        "transformer.xslt: the result is no document of XML: line 1, column 5: expected a name, "
        "found '<'");
  CHECK(made("", "{}") ==
        "transformer.xslt: the document is JSON, and XSLT reads XML; put to_xml before");
  CHECK(
      made("", "<b>") ==
      "transformer.xslt: line 1, column 4: the document ends inside element 'b'; expected '</b>'");
}

TEST_CASE("a stylesheet that does not end is ended") {
  const auto made = [](const std::string& body, const std::string& more = "") {
    return Sheets(kBare + body).outcome_of("<b><i/><i/><i/><i/><i/><i/><i/><i/></b>", more);
  };
  CHECK(made("<xsl:template match='/'><xsl:apply-templates select='/'/></xsl:template>\n") ==
        "transformer.xslt: templates stand deeper than 3000 inside each other");
  const std::string twice =
      "<xsl:template match='/' name='t'><xsl:param name='n' select='40'/><xsl:if test='$n > 0'>"
      "<xsl:call-template name='t'><xsl:with-param name='n' select='$n - 1'/></xsl:call-template>"
      "<xsl:call-template name='t'><xsl:with-param name='n' select='$n - 1'/></xsl:call-template>"
      "</xsl:if></xsl:template>\n";
  CHECK(made(twice, ", operation_limit: 100000") ==
        "transformer.xslt: the stylesheet takes more than 100000 operations");
  CHECK(
      made("<xsl:template match='/'><c><xsl:value-of select='count(//i[//i[//i[//i[//i[//i[//i]]]]"
           "]])'/></c></xsl:template>\n",
           ", operation_limit: 1000") ==
      "transformer.xslt: the stylesheet takes more than 1000 operations");
}

TEST_CASE("after a document that fails a stylesheet makes of the next one what it always makes") {
  const Sheets sheets(kBare +
                      "<xsl:variable name='x' select='b/@k'/><xsl:template match='/'><xsl:if "
                      "test='$x = 1'><xsl:message terminate='yes'>no</xsl:message></xsl:if><c>"
                      "<xsl:value-of select='$x'/></c></xsl:template>\n");
  auto chain = make_chain(sheets.yaml());
  REQUIRE(chain.ok());
  for (int i = 0; i < 3; ++i) {
    CHECK(make(*chain, "<b k='1'/>").at(0).reason == "transformer.xslt: xsl:message: no");
    CHECK(make(*chain, "<b k='2'/>").at(0).bytes == "<c>2</c>\n");
  }
}

}  // namespace
}  // namespace docmill::test
