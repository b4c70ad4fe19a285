// Events: every one, in order, of what was checked; none of what is no XML.
#include "shared/document/xml_events.h"

#include "tests/support/catch.h"

using namespace docmill;

namespace {

class Recorder final : public XmlHandler {
 public:
  void start_element(std::string_view name, const XmlAttributes& attributes) override {
    told += "<" + std::string(name);
    for (const XmlAttribute& one : attributes.all()) {
      told += " " + std::string(one.name) + "=[" + std::string(one.value) + "]";
    }
    told += ">";
  }
  void characters(std::string_view text) override { told += "[" + std::string(text) + "]"; }
  void end_element(std::string_view name) override { told += "</" + std::string(name) + ">"; }

  std::string told;
};

std::string events(std::string_view xml) {
  XmlEvents reader;
  Recorder recorder;
  const auto read = reader.read(xml, recorder);
  return read ? recorder.told : recorder.told + "! " + read.error().text;
}

struct Case {
  std::string xml;
  std::string told;
};

}  // namespace

TEST_CASE("events come in document order, and the text between two tags comes at once") {
  const std::vector<Case> cases = {
      {"<a/>", "<a></a>"},
      {"<?p?><!--c--><a>x</a><!--d-->", "<a>[x]</a>"},
      {"<a>1<b>2</b>3<b/>4</a>", "<a>[1]<b>[2]</b>[3]<b></b>[4]</a>"},
      {"<a>x &lt;<!--c--><![CDATA[<y>]]>&#65;\r\nz<?p?></a>", "<a>[x <<y>A\nz]</a>"},
      {"<p:a xmlns:p='u' b='&quot;&#9;' c=' d\n'><p:e/></p:a>",
       "<p:a xmlns:p=[u] b=[\"\t] c=[ d ]><p:e></p:e></p:a>"},
      {"<a> <b/> </a>", "<a>[ ]<b></b>[ ]</a>"},
      {"<!DOCTYPE a [<!ENTITY e 'v'><!ATTLIST a b CDATA 'd'>]><a>&e;</a>", "<a b=[d]>[v]</a>"},
  };
  for (const Case& test : cases) {
    INFO(test.xml);
    CHECK(events(test.xml) == test.told);
  }
}

TEST_CASE("of what is no XML there is no event") {
  CHECK(events("<a><b>x</b>") ==
        "! line 1, column 12: the document ends inside element 'a'; expected '</a>'");
}

TEST_CASE("a reader of events goes on after a failure, and finds attributes by name") {
  XmlEvents reader;
  class Id final : public XmlHandler {
   public:
    void start_element(std::string_view, const XmlAttributes& attributes) override {
      id += attributes["id"];
      CHECK(attributes["none"].empty());
    }
    void characters(std::string_view) override {}
    void end_element(std::string_view) override {}
    std::string id;
  } handler;
  CHECK_FALSE(reader.read("<a id='0'><b", handler).ok());
  REQUIRE(reader.read("<a n='1' id='2'><b id='3'/></a>", handler).ok());
  CHECK(handler.id == "23");
}
