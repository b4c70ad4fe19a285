// What is too large, too deep, cut off or hostile, and paths that are none.
#include <string>
#include <vector>

#include "shared/document/xml_splitter.h"
#include "tests/document/cut.h"
#include "tests/support/catch.h"

using namespace docmill;

TEST_CASE("a record above the limit is reported with its beginning, and the rest goes on") {
  const std::string big = "<b>" + std::string(300'000, 'x') + "<i/></b>";
  const std::string xml = "<c>\n<b>1</b>" + big + "\n<b>3</b></c>";
  for (const bool anew : {false, true}) {
    for (const std::size_t chunk : {std::size_t{7}, std::size_t{4096}, xml.size()}) {
      XmlSplitOptions options;
      options.limits.document = {1000};
      options.sample = {10};
      options.always_write_anew = anew;
      const Cut result = cut(xml, "/c/b", chunk, options);
      INFO("written anew: " << anew << ", chunks of " << chunk);
      CHECK(result.error == "");
      CHECK(result.records == std::vector<std::string>{"<b>1</b>", "<b>xxxxxxx", "<b>3</b>"});
      REQUIRE(result.facts.size() == 3);
      CHECK_FALSE(result.facts[0].oversize);
      CHECK(result.facts[1].oversize);
      CHECK(result.facts[1].size == big.size());
      CHECK(result.facts[1].offset == 12);
      CHECK(result.facts[1].line == 2);
      CHECK_FALSE(result.facts[2].oversize);
      CHECK(result.facts[2].number == 3);
    }
  }
}

TEST_CASE("a tag that does not end is given up when it is larger than a record may be") {
  XmlSplitOptions options;
  options.limits.document = {1000};
  const std::string xml = "<c><b>1</b><!-- " + std::string(2'000'000, 'x');
  const Cut result = cut(xml, "/c/b", 65'536, options);
  CHECK(result.records == std::vector<std::string>{"<b>1</b>"});
  CHECK(result.error ==
        "line 1, column 12 (byte 11): a tag, comment or processing instruction larger than 1KB");
}

TEST_CASE("10,000 elements inside each other are a record, one more than the limit is an error") {
  std::string xml = "<c>";
  for (int i = 0; i < 9'999; ++i) xml += "<b>";
  for (int i = 0; i < 9'999; ++i) xml += "</b>";
  const std::string record = xml.substr(3);
  xml += "</c>";
  XmlSplitOptions options;
  options.limits.depth = 10'000;
  CHECK(cut(xml, "//b", 999, options).records == std::vector<std::string>{record});
  options.limits.depth = 9'999;
  CHECK(cut(xml, "//b", 999, options).error ==
        "line 1, column 29998 (byte 29997): more than 9999 elements inside each other; raise "
        "limits.depth");
}

TEST_CASE("entities that explode are stopped by expat's limits") {
  std::string xml = "<!DOCTYPE c [<!ENTITY a0 'lol'>";
  for (int i = 1; i < 12; ++i) {
    const std::string inner = "&a" + std::to_string(i - 1) + ";";
    xml += "<!ENTITY a" + std::to_string(i) + " '";
    for (int k = 0; k < 10; ++k) xml += inner;
    xml += "'>";
  }
  const Cut result = cut(xml + "]><c><b>&a11;</b></c>", "/c/b");
  CHECK(result.records.empty());
  CHECK_THAT(result.error,
             Catch::Matchers::Contains(
                 "entities make more than 10 times as much of the document; expand them before"));
}

TEST_CASE("what was not handed out begins at the interrupted record, or after the last one") {
  struct Case {
    std::string xml;
    std::uint64_t offset;
    std::uint64_t line;
  };
  const std::vector<Case> cases = {
      {"<c>\n<b/>\n<b><x></b></c>", 9, 3}, {"<c>\n<b/>\n<x></c>", 8, 2}, {"<c><&", 0, 1}};
  for (const Case& row : cases) {
    XmlSplitter splitter(ElementPath::parse("/c/b").value(), {});
    INFO(row.xml);
    CHECK_FALSE(splitter.feed(row.xml, true).ok());
    CHECK(splitter.rest_offset() == row.offset);
    CHECK(splitter.rest_line() == row.line);
    CHECK(splitter.failure().line >= row.line);
    const Result<void> again = splitter.feed("<d/>", true);
    CHECK_FALSE(again.ok());
  }
}

TEST_CASE("a path that is none is refused with the reason") {
  struct Case {
    std::string path;
    std::string why;
  };
  const std::vector<Case> cases = {
      {"", "it has to begin with '/'"},
      {"catalog/book", "it has to begin with '/'"},
      {"/", "'' is neither the name of an element nor '*'"},
      {"/catalog/", "'' is neither the name of an element nor '*'"},
      {"/a///b", "'' is neither the name of an element nor '*'"},
      {"/a/@b", "'@b' is neither the name of an element nor '*'"},
      {"/a/b[1]", "'b[1]' is neither the name of an element nor '*'"},
  };
  for (const Case& row : cases) {
    const Result<ElementPath> path = ElementPath::parse(row.path);
    REQUIRE_FALSE(path.ok());
    CHECK(path.error() ==
          config_error("expected a path like /catalog/book, found '" + row.path + "': " + row.why));
  }
}

TEST_CASE("lines are counted alike wherever the pieces end, between CR and LF as well") {
  const std::string head = "<c>\r\n\r\n<b/>\r\n\r<b/>\r\n";
  std::string wide = "\xFF\xFE";
  for (const char c : head) wide.append({c, '\0'});
  for (const std::string& xml : {head, wide}) {
    for (std::size_t chunk = 1; chunk <= xml.size(); ++chunk) {
      INFO("pieces of " << chunk << " of " << xml.size());
      const Cut result = cut(xml, "/c/b", chunk);
      REQUIRE(result.facts.size() == 2);
      CHECK(result.facts[0].line == 3);
      CHECK(result.facts[1].line == 5);
      CHECK(result.error.starts_with("line 6, column 1 "));
    }
  }
}
