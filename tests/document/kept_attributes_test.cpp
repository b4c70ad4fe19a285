#include "shared/document/kept_attributes.h"

#include "shared/document/xml_splitter.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

XmlSplitOptions keeping(const std::map<std::string, std::string>& paths) {
  XmlSplitOptions options;
  for (const auto& [name, path] : paths) {
    options.keep.emplace(name, AttributePath::parse(path).value());
  }
  return options;
}

std::vector<std::string> notes_of(std::string_view xml, XmlSplitOptions options) {
  std::vector<std::string> notes;
  XmlSplitter splitter(ElementPath::parse("//b").value(), options);
  REQUIRE(splitter.feed(xml, true).ok());
  for (SplitRecord record; splitter.next(record);) notes.emplace_back(record.notes);
  return notes;
}

TEST_CASE("a record has the chosen attributes of what stands around it, the innermost of each") {
  const std::string_view xml =
      "<c id='1&quot;\n' xml:lang='de'><b n='7'/><g id='2'><x id='9'/><b/><g id='3'><b/></g><b "
      "id='8'/></g><b/></c>";
  const std::vector<std::string> expected = {
      R"("id":"1\" ","lang":"de","n":"7")", R"("id":"2","lang":"de")", R"("id":"3","lang":"de")",
      R"("id":"8","lang":"de")", R"("id":"1\" ","lang":"de")"};
  XmlSplitOptions options =
      keeping({{"id", "//*/@id"}, {"lang", "/c/@xml:lang"}, {"n", "/c/b/@n"}, {"no", "/c/g/@no"}});
  CHECK(notes_of(xml, options) == expected);
  options.always_write_anew = true;
  CHECK(notes_of(xml, options) == expected);
  CHECK(notes_of(xml, {}) == std::vector<std::string>(5));
}

TEST_CASE("a default of the DTD is kept like an attribute that is written") {
  CHECK(notes_of("<!DOCTYPE c [<!ATTLIST c k CDATA 'v'>]><c><b/></c>", keeping({{"k", "/c/@k"}})) ==
        std::vector<std::string>{R"("k":"v")"});
}

TEST_CASE("what is no path of an attribute is refused") {
  struct Case {
    std::string text;
    std::string why;
  };
  const std::vector<Case> cases = {
      {.text = "/dump/id", .why = "its last step has to begin with '@'"},
      {.text = "/dump/@", .why = "'' is no name"},
      {.text = "/dump/@1", .why = "'1' is no name"},
      {.text = "dump/@id", .why = "'dump' is no path of elements"},
  };
  for (const Case& c : cases) {
    CHECK(AttributePath::parse(c.text).error() ==
          config_error("expected the path of an attribute like /catalog/@id, found '" + c.text +
                       "': " + c.why));
  }
}

}  // namespace
}  // namespace docmill
