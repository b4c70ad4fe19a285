#include "shared/document/xml_tree.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

using namespace docmill;

namespace {

std::string set(std::string_view xml, std::string_view path, std::string_view value) {
  Result<XmlTarget> target = XmlTarget::compile(path);
  if (!target.ok()) return target.error().text;
  XmlTree tree;
  REQUIRE(tree.load(xml).ok());
  const Result<void> done = tree.set(*target, value);
  if (!done.ok()) return done.error().text;
  std::string out;
  tree.write(out);
  return out;
}

std::vector<std::string> select(std::string_view xml, std::string_view path) {
  XmlTree tree;
  REQUIRE(tree.load(xml).ok());
  std::vector<XmlSelection> results;
  tree.select(XmlPath::compile(path).value(), results);
  std::vector<std::string> texts;
  for (const XmlSelection& result : results) {
    texts.push_back((result.format == Format::kXml ? "xml " : "text ") + result.bytes);
  }
  return texts;
}

}  // namespace

TEST_CASE("set changes what matches and creates what is missing") {
  struct Row {
    std::string xml;
    std::string path;
    std::string value;
    std::string result;
  };
  const std::vector<Row> rows = {
      {"<b><price>1</price></b>", "price", "2.00", "<b><price>2.00</price></b>"},
      {"<b><p>1<i/>2</p><p/></b>", "p", "x", "<b><p>x</p><p>x</p></b>"},
      {"<b><p k='1'/></b>", "p/@k", "a\"<&\n", "<b><p k=\"a&quot;&lt;&amp;&#10;\"/></b>"},
      {"<b/>", "@id", "7", "<b id=\"7\"/>"},
      {"<b/>", "price", "7", "<b><price>7</price></b>"},
      {"<b/>", "price", "", "<b><price/></b>"},
      {"<b><a n='1'/><a n='2'/></b>", "a[@n='2']/c", "x",
       "<b><a n=\"1\"/><a n=\"2\"><c>x</c></a></b>"},
      {"<b><a/></b>", ".", "x", "<b>x</b>"},
      {"<b><a><a/></a></b>", "//a", "x", "<b><a>x</a></b>"},
      {"<b>x<i/></b>", "text()", "]]>", "<b>]]&gt;<i/></b>"},
      {"<b><![CDATA[x]]></b>", "text()", "]]>", "<b>]]&gt;</b>"},
      {"<b xmlns:p='u'/>", "p:c", "x", "<b xmlns:p=\"u\"><p:c>x</p:c></b>"},
      {"<b/>", "p:c", "x", "p:c: namespace prefix 'p' is not declared in the document"},
      {"<b/>", "a/c", "x", "a/c: nothing in the document matches, and no parent to create it in"},
      {"<b/>", "//c", "x", "//c: nothing in the document matches, and no parent to create it in"},
      {"<b/>", "a|c", "x", "a|c: nothing in the document matches, and no parent to create it in"},
      {"<b><!--c--></b>", "comment()", "x",
       "comment(): matches what is neither element, attribute nor text"},
      {"<b/>", "a", "\x01", "a: the value has characters that XML cannot carry"},
      {"<b/>", "count(a)", "x", "expected an XPath of elements or attributes, found 'count(a)'"},
      {"<b/>", "a[", "x", "expected an XPath, found 'a[': Unrecognized node test at character 3"},
  };
  for (const Row& row : rows) {
    INFO(row.path << " in " << row.xml);
    CHECK(set(row.xml, row.path, row.value) == row.result);
  }
}

TEST_CASE("select gives elements as documents of their own, and the text of anything else") {
  struct Row {
    std::string xml;
    std::string path;
    std::vector<std::string> results;
  };
  const std::vector<Row> rows = {
      {"<c><b>1</b><b>2</b></c>", "b", {"xml <b>1</b>", "xml <b>2</b>"}},
      {"<c xmlns='d' xml:lang='en'><g><p:b xmlns:p='u'/></g></c>",
       "g/p:b",
       {R"(xml <p:b xmlns="d" xml:lang="en" xmlns:p="u"/>)"}},
      {"<c><b k='1'/><b k='&lt;'/></c>", "b/@k", {"text 1", "text <"}},
      {"<c>x<b/>y</c>", "text()", {"text x", "text y"}},
      {"<c><b/><b/></c>", "count(b)", {"text 2"}},
      {"<c><b/></c>", "/", {"xml <c><b/></c>"}},
      {"<c><b/></c>", "x", {}},
      {"<c><b>1</b><a>2</a></c>", "a|b", {"xml <b>1</b>", "xml <a>2</a>"}},
  };
  for (const Row& row : rows) {
    INFO(row.path << " in " << row.xml);
    CHECK(select(row.xml, row.path) == row.results);
  }
}

TEST_CASE("what is loaded is written with the same content") {
  const std::vector<std::string> documents = {
      "<a b=\"&#9;&#10;&#13;&quot;'&amp;\">&#13;\n\t &lt;&gt;&amp;<![CDATA[<&]]><!-- - --><?p "
      "d?></a>",
      "<a> <b> </b> x </a>",
      "<a xmlns=\"u\" xmlns:p=\"v\"><p:b/></a>",
  };
  for (const std::string& document : documents) {
    XmlTree tree;
    REQUIRE(tree.load(document).ok());
    std::string out;
    tree.write(out);
    CHECK(out == document);
  }
}

TEST_CASE("a tree is loaded only from what the guard accepts") {
  XmlTree tree;
  const Result<void> loaded = tree.load("<a>&foo;</a>");
  REQUIRE_FALSE(loaded.ok());
  CHECK(loaded.error() == malformed("line 1, column 4: entity 'foo' is not declared"));
}
