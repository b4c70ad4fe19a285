#include <functional>
#include <string>
#include <vector>

#include "shared/document/xml_to_json.h"
#include "tests/support/catch.h"

using namespace docmill;

namespace {

// "JSON" or "JSON | what it lost", or the error.
std::string json_of(std::string_view xml, const JsonOptions& options) {
  REQUIRE(options.problem() == "");
  XmlToJson to_json({}, options);
  std::string out;
  const Result<Losses> converted = to_json.convert(xml, out);
  if (!converted.ok()) {
    CHECK(out.empty());
    return converted.error().text;
  }
  return converted->empty() ? out : out + " | " + converted->text();
}

JsonOptions convention(JsonConvention convention) {
  JsonOptions options;
  options.convention = convention;
  return options;
}

JsonOptions compact(const std::function<void(JsonOptions&)>& change) {
  JsonOptions options;
  change(options);
  return options;
}

JsonOptions typed(const std::map<std::string, ValueType>& types) {
  return compact([&](JsonOptions& options) { options.types = ValueTypes::parse(types).value(); });
}

constexpr std::string_view kOrder =
    R"(<o:order xmlns:o="urn:o" id="007"><!--c--><?pi d?><item q="1">Tea</item><n>1.10</n>)"
    R"(<item>Milk</item><e/><note>Hi <b>you</b> all</note><k><![CDATA[a<b]]></k></o:order>)";

struct Row {
  std::string xml;
  std::string json;
};

void check(const JsonOptions& options, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    INFO(row.xml);
    CHECK(json_of(row.xml, options) == row.json);
  }
}

}  // namespace

TEST_CASE("one document in every convention, and what each of them loses") {
  const std::string xml(kOrder);
  CHECK(json_of(xml, {}) ==
        R"({"o:order":{"@xmlns:o":"urn:o","@id":"007","item":[{"@q":"1","#text":"Tea"},"Milk"],)"
        R"("n":"1.10","e":null,"note":{"b":"you","#text":"Hi  all"},"k":"a<b"}})"
        " | order, mixed, pi, comment");
  CHECK(json_of(xml, convention(JsonConvention::kOrdered)) ==
        R"(["o:order",{"xmlns:o":"urn:o","id":"007"},{"#comment":"c"},{"#pi":["pi","d"]},)"
        R"(["item",{"q":"1"},"Tea"],["n","1.10"],["item","Milk"],["e"],)"
        R"(["note","Hi ",["b","you"]," all"],["k",{"#cdata":"a<b"}]])");
  CHECK(json_of(xml, convention(JsonConvention::kJsonml)) ==
        R"(["o:order",{"xmlns:o":"urn:o","id":"007"},["item",{"q":"1"},"Tea"],["n","1.10"],)"
        R"(["item","Milk"],["e"],["note","Hi ",["b","you"]," all"],["k","a<b"]] | pi, comment)");
  CHECK(
      json_of(xml, convention(JsonConvention::kBadgerfish)) ==
      R"({"o:order":{"@xmlns":{"o":"urn:o"},"@id":"007",)"
      R"("item":[{"@xmlns":{"o":"urn:o"},"@q":"1","$":"Tea"},{"@xmlns":{"o":"urn:o"},"$":"Milk"}],)"
      R"("n":{"@xmlns":{"o":"urn:o"},"$":"1.10"},"e":{"@xmlns":{"o":"urn:o"}},)"
      R"("note":{"@xmlns":{"o":"urn:o"},"b":{"@xmlns":{"o":"urn:o"},"$":"you"},"$":"Hi  all"},)"
      R"("k":{"@xmlns":{"o":"urn:o"},"$":"a<b"}}} | order, mixed, pi, comment)");
  CHECK(json_of(xml, convention(JsonConvention::kParker)) ==
        R"({"item":["Tea","Milk"],"n":"1.10","e":null,"note":{"b":"you"},"k":"a<b"})"
        " | order, mixed, pi, comment, attribute");
}

TEST_CASE("nothing is said to be lost where nothing is") {
  check({}, {{"<a><b/><b/><c>x</c></a>", R"({"a":{"b":[null,null],"c":"x"}})"},
             {"<a>\n <b/>\n <c/>\n</a>", R"({"a":{"b":null,"c":null}})"},
             {"<a b='1'>x</a>", R"({"a":{"@b":"1","#text":"x"}})"}});
  check(convention(JsonConvention::kJsonml), {{"<a>x<b/>y</a>", R"(["a","x",["b"],"y"])"}});
}

TEST_CASE("what is lost is found wherever it stands") {
  check({},
        {{"<a><b/><c/><b/></a>", R"({"a":{"b":[null,null],"c":null}} | order)"},
         {"<a>x<b/></a>", R"({"a":{"b":null,"#text":"x"}} | mixed)"},
         {"<a><!--c--></a>", R"({"a":null} | comment)"},
         {"<a>x<?p?></a>", R"({"a":"x"} | pi)"},
         {"<!--c--><a/>", R"({"a":null} | comment)"},
         {"<a/><?p d?>", R"({"a":null} | pi)"},
         {"<!DOCTYPE a [<!--dtd--><!ENTITY e 'v'>]><!--c--><a>&e;</a>", R"({"a":"v"} | comment)"},
         {"<!DOCTYPE a [<?dtd?><!ENTITY e 'v'>]><a>&e;</a>", R"({"a":"v"})"}});
  check(convention(JsonConvention::kParker), {{"<a b='1'/>", "null | attribute"}});
}

TEST_CASE("an element that would lose something is written in order where that is asked for") {
  check(compact([](JsonOptions& options) { options.on_loss = LossPolicy::kOrdered; }),
        {{"<a><b/><c/><b/></a>", R"({"a":{"#children":[["b"],["c"],["b"]]}})"},
         {"<a><b i='1'>x<c/></b><b/></a>",
          R"({"a":{"b":[{"@i":"1","#children":["x",["c"]]},null]}})"},
         {"<a><b/><b/></a>", R"({"a":{"b":[null,null]}})"},
         {"<a><b><!--c--></b></a>", R"({"a":{"b":{"#children":[{"#comment":"c"}]}}})"}});
}

TEST_CASE("a document that would lose something is refused where that is asked for") {
  check(compact([](JsonOptions& options) { options.on_loss = LossPolicy::kError; }),
        {{"<a>x<b/></a>",
          "the JSON would lose: mixed; choose another convention, or another on_loss"},
         {"<a><b/></a>", R"({"a":{"b":null}})"}});
}

TEST_CASE("comments, instructions and CDATA sections are said where that is asked for") {
  check(compact([](JsonOptions& options) {
          options.comments = true;
          options.instructions = true;
          options.cdata = true;
        }),
        {{"<!--x--><a/>", R"({"#comment":"x","a":null})"},
         {"<a><!-- x --><b/><?p d e ?></a>", R"({"a":{"#comment":"x","b":null,"?p":"d e"}})"},
         {"<a><?p?><p/><?p d?></a>", R"({"a":{"?p":["","d"],"p":null}} | order)"},
         {"<a><!--1--><b/><!--2--></a>", R"({"a":{"#comment":["1","2"],"b":null}} | order)"},
         {"<a>x<![CDATA[<y>]]></a>", R"({"a":{"#text":"x","#cdata":"<y>"}})"},
         {"<a><![CDATA[]]></a>", R"({"a":{"#cdata":""}})"}});
}

TEST_CASE("white space is what the policy makes of it") {
  const std::string xml = "<a> <b> x </b>\n<c> </c></a>";
  const auto with = [](WhitespacePolicy policy) {
    return compact([policy](JsonOptions& options) { options.whitespace = policy; });
  };
  CHECK(json_of(xml, with(WhitespacePolicy::kTrim)) == R"({"a":{"b":"x","c":null}})");
  CHECK(json_of(xml, with(WhitespacePolicy::kKeep)) ==
        R"({"a":{"b":" x ","c":" ","#text":" \n"}})");
  CHECK(json_of(xml, with(WhitespacePolicy::kStripIgnorable)) == R"({"a":{"b":" x ","c":" "}})");
  JsonOptions ordered = convention(JsonConvention::kOrdered);
  CHECK(json_of(xml, ordered) == R"(["a"," ",["b"," x "],"\n",["c"," "]])");
  ordered.whitespace = WhitespacePolicy::kStripIgnorable;
  CHECK(json_of(xml, ordered) == R"(["a",["b"," x "],["c"," "]])");
  CHECK(json_of("<a>x <b/> <c/></a>", ordered) == R"(["a","x ",["b"]," ",["c"]])");
  ordered.whitespace = WhitespacePolicy::kTrim;
  CHECK(json_of(xml, ordered) == R"(["a",["b","x"],["c"]])");
}

TEST_CASE("values have the types that were given, and no others") {
  const JsonOptions options = typed({{"n", ValueType::kInteger},
                                     {"d", ValueType::kNumber},
                                     {"/a/t", ValueType::kBoolean},
                                     {"when", ValueType::kDate},
                                     {"@id", ValueType::kInteger},
                                     {"/a/n/@id", ValueType::kString}});
  check(
      options,
      {{"<a><n>7</n><x>7</x></a>", R"({"a":{"n":7,"x":"7"}})"},
       {"<a><n> 12345678901234567890 </n></a>", R"({"a":{"n":12345678901234567890}})"},
       {"<a><n>+007</n></a>", R"({"a":{"n":7}} | number)"},
       {"<a><n>-0</n></a>", R"({"a":{"n":0}} | number)"},
       {"<a><d>1.10</d><d>.5</d><d>5.</d><d>-1E+3</d></a>",
        R"({"a":{"d":[1.10,0.5,5,-1e3]}} | number)"},
       {"<a><t>true</t><t>0</t><b><t>true</t></b></a>",
        R"({"a":{"t":[true,false],"b":{"t":"true"}}})"},
       {"<a><when>2024-02-29T12:00:00.5+01:00</when></a>",
        R"({"a":{"when":"2024-02-29T12:00:00.5+01:00"}})"},
       {"<a id='3'><n id='4'>5</n></a>", R"({"a":{"@id":3,"n":{"@id":"4","#text":5}}})"},
       {"<a><n/></a>", R"({"a":{"n":null}})"},
       {"<a>\n<n>7a</n></a>", "line 2, column 2: expected an integer in element 'n', found '7a'"},
       {"<a id='x'/>", "line 1, column 2: expected an integer in attribute 'id' of 'a', found 'x'"},
       {"<a><d>NaN</d></a>", "line 1, column 5: expected a number in element 'd', found 'NaN'"},
       {"<a><when>2023-02-29</when></a>",
        "line 1, column 5: expected a date in element 'when', found '2023-02-29'"}});
}

TEST_CASE("a number is inferred only where every reader writes the same bytes back") {
  const std::vector<std::string> numbers = {
      "0", "7", "-7", "1.5", "-0.25", "9007199254740992", "0.001", "123456789012.345"};
  const std::vector<std::string> texts = {"",
                                          "-0",
                                          "007",
                                          "+7",
                                          "1.10",
                                          "1.0",
                                          "1e5",
                                          ".5",
                                          "5.",
                                          "1.5e3",
                                          "9007199254740993",
                                          "NaN",
                                          "0x7",
                                          "0.00001",
                                          "1234567890.1234567",
                                          "--1",
                                          "1 2"};
  for (const std::string& text : numbers) {
    INFO(text);
    CHECK(is_safe_number(text));
  }
  for (const std::string& text : texts) {
    INFO(text);
    CHECK_FALSE(is_safe_number(text));
  }
  check(compact([](JsonOptions& options) { options.infer_numbers = true; }),
        {{"<a b='1'><c>2</c><c>03</c></a>", R"({"a":{"@b":1,"c":[2,"03"]}})"}});
}

TEST_CASE("names follow namespaces where that is asked for") {
  const JsonOptions options = compact([](JsonOptions& wanted) {
    wanted.by_namespace = true;
    wanted.namespaces = {{"o", "urn:o"}, {"", "urn:plain"}};
  });
  check(options,
        {{"<x:a xmlns:x='urn:o' x:k='1' k='2'/>", R"({"o:a":{"@o:k":"1","@k":"2"}})"},
         {"<a xmlns='urn:o'><b xmlns='urn:plain'/><c xmlns=''/></a>",
          R"({"o:a":{"b":null,"c":null}})"},
         {"<a xmlns:p='urn:o' xmlns:q='urn:o'><p:b/><q:b/></a>", R"({"a":{"o:b":[null,null]}})"},
         {"<p:a xmlns:p='urn:other'><p:b/></p:a>", R"({"urn:other:a":{"urn:other:b":null}})"},
         {"<a xml:lang='en' xmlns:p='urn:&#111;'><p:b>x</p:b></a>",
          R"({"a":{"@xml:lang":"en","o:b":"x"}})"}});
}

TEST_CASE("what stands around the root element is part of an ordered document") {
  check(convention(JsonConvention::kOrdered),
        {{"<?p d?>\n<a/>\n<!--c-->", R"({"#document":[{"#pi":["p","d"]},["a"],{"#comment":"c"}]})"},
         {"<!DOCTYPE a [<!--no--><!ENTITY e 'v'>]><?p?><a>&e;</a>",
          R"({"#document":[{"#pi":["p",""]},["a","v"]]})"},
         {"<a>x&#10;<![CDATA[]]></a>", R"(["a","x\n",{"#cdata":""}])"},
         {"<a>x<!--\r\n--></a>", R"(["a","x",{"#comment":"\n"}])"}});
}

TEST_CASE(
    "XML that was made of JSON is read past comments and instructions, which are said to be lost") {
  check(convention(JsonConvention::kNatural),
        {{"<!--c--><a>x<!--d-->y</a><?p?>", R"({"a":"xy"} | pi, comment)"},
         {"<?p?><a xmlns:j='urn:docmill:json' j:type='number'>1<!--c-->.50</a>",
          R"({"a":1.50} | pi, comment)"},
         {"<a><b/><!--c--></a>", R"({"a":{"b":""}} | comment)"}});
  check(convention(JsonConvention::kXpath31),
        {{"<!--c--><map xmlns='http://www.w3.org/2005/xpath-functions'><number key='n'>1<!--d-->"
          "</number></map>",
          R"({"n":1} | comment)"}});
  JsonOptions strict = convention(JsonConvention::kNatural);
  strict.on_loss = LossPolicy::kError;
  check(strict, {{"<a><!--c--></a>",
                  "the JSON would lose: comment; choose another convention, or another on_loss"}});
}

TEST_CASE("options that contradict each other have a cure") {
  JsonOptions options = convention(JsonConvention::kOrdered);
  options.comments = true;
  CHECK(options.problem() ==
        "force_list, types, infer, comments, instructions and cdata are for conventions that make "
        "objects, 'ordered' does not; leave them out");
  options = convention(JsonConvention::kJsonml);
  options.on_loss = LossPolicy::kOrdered;
  CHECK(options.problem() ==
        "'on_loss: ordered' is for conventions that make objects, 'jsonml' does not");
  options = convention(JsonConvention::kNatural);
  options.whitespace = WhitespacePolicy::kTrim;
  CHECK(options.problem() == "names and whitespace have no meaning for 'natural'; leave them out");
  options = {};
  options.namespaces = {{"p", "urn:p"}};
  CHECK(options.problem() ==
        "namespaces are used with 'names: by_namespace' only; add it, or leave them out");
  const Result<ValueTypes> types = ValueTypes::parse({{"a/b", ValueType::kDate}});
  REQUIRE_FALSE(types.ok());
  CHECK(types.error() ==
        config_error("expected a name like price or @id, or a path like /catalog/book/price or "
                     "/catalog/book/@id, found 'a/b'"));
}
