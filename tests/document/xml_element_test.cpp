// Elements: to walk, to find, to read and to change, as ElementTree has them.
#include "shared/document/xml_element.h"

#include "shared/document/xml_tree.h"
#include "tests/support/catch.h"

using namespace docmill;

namespace {

XmlTree loaded(std::string_view xml) {
  XmlTree tree;
  REQUIRE(tree.load(xml).ok());
  return tree;
}

XmlPath path(std::string_view text) { return XmlPath::compile(text).value(); }

std::string names(const std::vector<XmlElement>& elements) {
  std::string text;
  for (const XmlElement& one : elements) text += std::string(one.name()) + " ";
  return text;
}

std::string written(const XmlTree& tree) {
  std::string text;
  tree.write(text);
  return text;
}

}  // namespace

TEST_CASE("elements are walked in document order, whatever stands between them") {
  const XmlTree tree = loaded("<a>t<!--c--><b><c/>t<d/></b><?p?><c><c/></c></a>");
  const XmlElement a = tree.root();
  CHECK(names(a.children()) == "b c ");
  CHECK(names(a.iterate()) == "a b c d c c ");
  CHECK(names(a.iterate("c")) == "c c c ");
  CHECK(names(a.first_child().iterate()) == "b c d ");
  CHECK(a.first_child().parent() == a);
  CHECK_FALSE(a.parent());
  CHECK_FALSE(a.next_sibling());
  CHECK(a.first_child().next_sibling().name() == "c");
  CHECK_FALSE(XmlElement());
}

TEST_CASE("an XPath finds elements from the one at hand, and only elements") {
  const XmlTree tree = loaded("<a><b i='1'><c/></b><b i='2'/>t</a>");
  CHECK(tree.root().find_all(path("b")).size() == 2);
  CHECK(tree.root().find(path("b[@i='2']")).attribute("i") == "2");
  CHECK(tree.root().first_child().find(path("c")).name() == "c");
  CHECK_FALSE(tree.root().first_child().find(path("b")));
  CHECK(tree.root().find_all(path("b/@i | text()")).empty());
  CHECK(tree.root().find_all(path("count(b)")).empty());
}

TEST_CASE("an element tells its text and its attributes as they mean") {
  const XmlTree tree = loaded("<a n='&lt;1'>x &amp; <b>y</b><![CDATA[<z>]]><!--c--></a>");
  CHECK(tree.root().text() == "x & y<z>");
  CHECK(tree.root().attribute("n") == "<1");
  CHECK(tree.root().attribute("m") == std::nullopt);
}

TEST_CASE("what is added and set is written, and what cannot be leaves everything as it was") {
  const XmlTree tree = loaded("<a xmlns:p='u' n='1'><b>old<c/></b></a>");
  XmlElement root = tree.root();
  REQUIRE(root.first_child().set_text("1 < 2").ok());
  const auto added = root.add("p:d", "\"&\"");
  REQUIRE(added.ok());
  CHECK(added->name() == "p:d");
  REQUIRE(root.set_attribute("n", "2").ok());
  REQUIRE(root.set_attribute("m", "\"\n").ok());
  const std::string now =
      "<a xmlns:p=\"u\" n=\"2\" m=\"&quot;&#10;\"><b>1 &lt; 2</b><p:d>\"&amp;\"</p:d></a>";
  CHECK(written(tree) == now);
  CHECK(root.add("q:d").error().text == "namespace prefix 'q' is not declared in the document");
  CHECK(root.add("1").error().text == "expected a name of XML, found '1'");
  CHECK(root.add("@n").error().text == "'@' is for paths; use set_attribute");
  CHECK(root.add("d", std::string_view("\0", 1)).error().text ==
        "d: the value has characters that XML cannot carry");
  CHECK(root.set_text("\x01").error().text == "a: the value has characters that XML cannot carry");
  CHECK(root.set_attribute("xmlns:q", "u").error().text ==
        "expected a name of XML, found 'xmlns:q'");
  CHECK(root.set_attribute("q:n", "u").error().text ==
        "namespace prefix 'q' is not declared in the document");
  CHECK(written(tree) == now);
}
