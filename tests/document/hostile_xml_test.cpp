// Documents made to do harm: each is refused with words that say why, in bounded memory.
#include <fmt/format.h>

#include <functional>
#include <string>
#include <vector>

#include "shared/document/xml_splitter.h"
#include "shared/document/xml_to_json.h"
#include "shared/document/xml_tree.h"
#include "tests/document/peak_memory.h"
#include "tests/support/catch.h"

using namespace docmill;

namespace {

constexpr std::uint64_t kMegabyte = 1'000'000;

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string billion_laughs() {
  std::string xml = "<!DOCTYPE a [<!ENTITY l0 'lol'>";
  for (int i = 1; i < 10; ++i) {
    xml += fmt::format("<!ENTITY l{} '{}'>", i, repeat(fmt::format("&l{};", i - 1), 10));
  }
  return xml + "]>\n<a>&l9;</a>";
}

std::string many_attributes(int count) {
  std::string xml = "<a";
  for (int i = 0; i < count; ++i) xml += fmt::format(" b{}='1'", i);
  return xml + "/>";
}

struct Attack {
  std::string name;
  std::function<std::string()> xml;
  std::string error;                     // of the converter
  std::string cut = {};                  // of the splitter, fed in pieces; empty: it lets it pass
  std::uint64_t memory = 2 * kMegabyte;  // of the converter, above the document's own bytes
  std::uint64_t cut_memory = 4 * kMegabyte;
};

std::string convert(const std::string& xml) {
  XmlToJson converter;
  std::string json;
  const Result<Losses> converted = converter.convert(xml, json);
  return converted.ok() ? "" : converted.error().text;
}

std::string load(const std::string& xml) {
  XmlTree tree;
  const Result<void> loaded = tree.load(xml);
  return loaded.ok() ? "" : loaded.error().text;
}

std::string split(std::string_view xml) {
  XmlSplitter splitter(ElementPath::parse("/a/b").value(), {});
  do {
    const std::string_view piece = xml.substr(0, 65'536);
    xml.remove_prefix(piece.size());
    const Result<void> fed = splitter.feed(piece, xml.empty());
    if (!fed.ok()) return fed.error().text;
  } while (!xml.empty());
  return "";
}

const std::vector<Attack> kAttacks = {
    {.name = "1,000,000 elements inside each other",
     .xml = [] { return repeat("<a>", 1'000'000); },
     .error = "line 1, column 1537: more than 512 elements inside each other; raise limits.depth",
     .cut = "line 1, column 1537 (byte 1536): more than 512 elements inside each other; raise "
            "limits.depth"},
    {.name = "1,000,000 elements inside each other, by expat",
     .xml = [] { return "<!DOCTYPE a [<!ENTITY e ''>]>" + repeat("<a>", 1'000'000); },
     .error = "line 1, column 1566: more than 512 elements inside each other; raise limits.depth",
     .cut = "line 1, column 1566 (byte 1565): more than 512 elements inside each other; raise "
            "limits.depth"},
    {.name = "billion laughs",
     .xml = billion_laughs,
     .error = "line 2, column 4: entities make more than 10 times as much of the document; expand "
              "them before",
     .cut = "line 2, column 4 (byte 532): entities make more than 10 times as much of the "
            "document; expand them before",
     .memory = 10 * kMegabyte,
     .cut_memory = 10 * kMegabyte},
    {.name = "quadratic blow-up",
     .xml =
         [] {
           return "<!DOCTYPE a [<!ENTITY e '" + repeat("x", 100'000) + "'>]>\n<a>" +
                  repeat("&e;", 100'000) + "</a>";
         },
     .error = "line 2, column 31: entities make more than 10 times as much of the document; expand "
              "them before",
     .cut = "line 2, column 31 (byte 100060): entities make more than 10 times as much of the "
            "document; expand them before",
     .memory = 4 * kMegabyte,
     .cut_memory = 4 * kMegabyte},
    {.name = "an entity that contains itself",
     .xml = [] { return "<!DOCTYPE a [<!ENTITY e '&f;'><!ENTITY f '&e;'>]>\n<a>&e;</a>"; },
     .error = "line 2, column 4: recursive entity reference",
     .cut = "line 2, column 4 (byte 53): recursive entity reference"},
    {.name = "a file as an entity",
     .xml = [] { return "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>\n<a>&e;</a>"; },
     .error = "line 2, column 4: an entity is kept in 'file:///etc/passwd', and nothing outside "
              "of the file is fetched; expand it",
     .cut = "line 2, column 4 (byte 58): an entity is kept in 'file:///etc/passwd', and nothing "
            "outside of the file is fetched; expand it"},
    {.name = "an address as an entity",
     .xml =
         [] { return "<!DOCTYPE a [<!ENTITY e PUBLIC 'x' 'http://127.0.0.1:1/'>]>\n<a>&e;</a>"; },
     .error = "line 2, column 4: an entity is kept in 'http://127.0.0.1:1/', and nothing outside "
              "of the file is fetched; expand it",
     .cut = "line 2, column 4 (byte 63): an entity is kept in 'http://127.0.0.1:1/', and nothing "
            "outside of the file is fetched; expand it"},
    {.name = "a file as an entity in an attribute",
     .xml = [] { return "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>\n<a b='&e;'/>"; },
     .error = "line 2, column 7: reference to external entity in attribute",
     .cut = "line 2, column 7 (byte 61): reference to external entity in attribute"},
    {.name = "a file as a parameter entity",
     .xml = [] { return "<!DOCTYPE a [<!ENTITY % e SYSTEM 'file:///etc/passwd'>\n%e;]><a/>"; },
     .error = "line 2, column 1: an entity is kept in 'file:///etc/passwd', and nothing outside "
              "of the file is fetched; expand it",
     .cut = "line 2, column 1 (byte 55): an entity is kept in 'file:///etc/passwd', and nothing "
            "outside of the file is fetched; expand it"},
    {.name = "a parameter entity that declares an entity of a file",
     .xml =
         [] {
           return "<!DOCTYPE a [<!ENTITY % p \"<!ENTITY e SYSTEM 'file:///etc/passwd'>\">"
                  "%p;]>\n<a>&e;</a>";
         },
     .error = "line 2, column 4: an entity is kept in 'file:///etc/passwd', and nothing outside "
              "of the file is fetched; expand it",
     .cut = "line 2, column 4 (byte 77): an entity is kept in 'file:///etc/passwd', and nothing "
            "outside of the file is fetched; expand it"},
    {.name = "20,000 attributes",
     .xml = [] { return many_attributes(20'000); },
     .error = "line 1, column 4: an element with 20000 attributes, more than limits.attributes "
              "of 1000"},
    {.name = "a text of 100 MB",
     .xml = [] { return "<a>" + std::string(100 * kMegabyte, 'x') + "</a>"; },
     .error = "the document has 100000007 bytes, more than limits.document of 64MiB"},
    {.name = "a text of 11 MB",
     .xml = [] { return "<a>" + std::string(11 * kMegabyte, 'x') + "</a>"; },
     .error = "line 1, column 4: a text, value or comment of 11000000 bytes, more than "
              "limits.token of 10MB"},
    {.name = "an attribute value of 11 MB",
     .xml = [] { return "<a b='" + std::string(11 * kMegabyte, 'x') + "'/>"; },
     .error = "line 1, column 7: a text, value or comment of 11000000 bytes, more than "
              "limits.token of 10MB",
     .cut_memory = 80 * kMegabyte},
    {.name = "a comment of 11 MB",
     .xml = [] { return "<a><!--" + std::string(11 * kMegabyte, 'x') + "--></a>"; },
     .error = "line 1, column 8: a text, value or comment of 11000000 bytes, more than "
              "limits.token of 10MB",
     .cut_memory = 80 * kMegabyte},
    {.name = "a name of 1 MB",
     .xml = [] { return "<" + std::string(kMegabyte, 'x') + "/>"; },
     .error = "line 1, column 2: a name of 1000000 bytes, more than limits.name of 1KiB",
     .cut_memory = 10 * kMegabyte},
    {.name = "a tag of 100 MB that does not end",
     .xml = [] { return "<a b='" + std::string(100 * kMegabyte, 'x'); },
     .error = "the document has 100000006 bytes, more than limits.document of 64MiB",
     .cut = "line 1, column 1 (byte 0): a tag, comment or processing instruction larger than 64MiB",
     .cut_memory = 280 * kMegabyte},
    {.name = "1,000 namespaces",
     .xml =
         [] {
           std::string xml = "<a";
           for (int i = 0; i < 1'000; ++i) xml += fmt::format(" xmlns:n{}='u{}'", i, i);
           return xml + "/>";
         },
     .error = "line 1, column 4392: more than 256 namespace prefixes in scope; raise "
              "limits.namespaces"},
    {.name = "bytes that are no UTF-8",
     .xml = [] { return "<a>\xC3\x28</a>"; },
     .error = "line 1, column 4: byte 0xc3 does not begin a character of UTF-8 that XML allows",
     .cut = "line 1, column 4 (byte 3): not well-formed (invalid token)"},
    {.name = "an overlong '/'",
     .xml = [] { return "<a>\xC0\xAF</a>"; },
     .error = "line 1, column 4: byte 0xc0 does not begin a character of UTF-8 that XML allows",
     .cut = "line 1, column 4 (byte 3): not well-formed (invalid token)"},
    {.name = "an encoded surrogate",
     .xml = [] { return "<a>\xED\xA0\x80</a>"; },
     .error = "line 1, column 4: byte 0xed does not begin a character of UTF-8 that XML allows",
     .cut = "line 1, column 4 (byte 3): not well-formed (invalid token)"},
    {.name = "a character above U+10FFFF",
     .xml = [] { return "<a>\xF4\x90\x80\x80</a>"; },
     .error = "line 1, column 4: byte 0xf4 does not begin a character of UTF-8 that XML allows",
     .cut = "line 1, column 4 (byte 3): not well-formed (invalid token)"},
    {.name = "U+FFFE",
     .xml = [] { return "<a>\xEF\xBF\xBE</a>"; },
     .error = "line 1, column 4: byte 0xef does not begin a character of UTF-8 that XML allows",
     .cut = "line 1, column 4 (byte 3): not well-formed (invalid token)"},
    {.name = "NUL",
     .xml = [] { return std::string("<a>x\0y</a>", 10); },
     .error = "line 1, column 5: character 0x00 is not allowed in XML",
     .cut = "line 1, column 5 (byte 4): not well-formed (invalid token)"},
    {.name = "NUL behind the end",
     .xml = [] { return std::string("<a/>\0<b/>", 9); },
     .error = "line 1, column 5: expected the end of the document after the root element, found "
              "character 0x00",
     .cut = "line 1, column 5 (byte 4): not well-formed (invalid token)"},
    {.name = "&#0;",
     .xml = [] { return "<a>&#0;</a>"; },
     .error = "line 1, column 4: '&#0;' refers to a character that XML does not allow",
     .cut = "line 1, column 4 (byte 3): reference to invalid character number"},
    {.name = "&#1;",
     .xml = [] { return "<a>&#1;</a>"; },
     .error = "line 1, column 4: '&#1;' refers to a character that XML does not allow",
     .cut = "line 1, column 4 (byte 3): reference to invalid character number"},
    {.name = "&#xD800;",
     .xml = [] { return "<a b='&#xD800;'/>"; },
     .error = "line 1, column 7: '&#xD800;' refers to a character that XML does not allow",
     .cut = "line 1, column 7 (byte 6): reference to invalid character number"},
    {.name = "&#x110000;",
     .xml = [] { return "<a>&#x110000;</a>"; },
     .error = "line 1, column 4: '&#x110000;' refers to a character that XML does not allow",
     .cut = "line 1, column 4 (byte 3): reference to invalid character number"},
    {.name = "a number that does not fit",
     .xml = [] { return "<a>&#4294967361;</a>"; },
     .error = "line 1, column 4: '&#4294967361;' refers to a character that XML does not allow",
     .cut = "line 1, column 4 (byte 3): reference to invalid character number"},
};

}  // namespace

TEST_CASE("every attack is refused, with words, in bounded memory") {
  for (const Attack& attack : kAttacks) {
    const std::string xml = attack.xml();
    INFO(attack.name);
    {
      const PeakMemory memory;
      CHECK(convert(xml) == attack.error);
      CHECK(memory.grown() <= attack.memory);
    }
    CHECK(load(xml) == attack.error);
    const PeakMemory memory;
    CHECK(split(xml) == attack.cut);
    CHECK(memory.grown() <= attack.cut_memory);
  }
}

// The writer recurses, and a sanitizer makes its frames many times as large.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kDeep = 1'000;
#else
constexpr std::size_t kDeep = 10'000;
#endif

// What the limits let through has to be read in time near linear to its size.
TEST_CASE("where the limits are raised, 20,000 attributes and 10,000 levels are read") {
  XmlReadOptions options;
  options.limits.attributes = 20'000;
  options.limits.depth = 10'000;
  XmlToJson converter(options);
  std::string json;
  CHECK(converter.convert(many_attributes(20'000), json).ok());
  CHECK(json.ends_with(R"("@b19999":"1"}})"));
  json.clear();
  CHECK(converter.convert(repeat("<a>", kDeep) + repeat("</a>", kDeep), json).ok());
  CHECK(json == repeat(R"({"a":)", kDeep) + "null" + repeat("}", kDeep));
}

TEST_CASE("a DOCTYPE is refused before any of its entities is read") {
  XmlReadOptions options;
  options.dtd = DtdPolicy::kReject;
  XmlToJson converter(options);
  std::string json;
  const PeakMemory memory;
  CHECK(converter.convert(billion_laughs(), json).error().text ==
        "line 1, column 13: a DOCTYPE is not accepted here; send the document without one");
  CHECK(memory.grown() <= kMegabyte);
}
