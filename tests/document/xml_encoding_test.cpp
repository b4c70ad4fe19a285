// Documents in other encodings than UTF-8: read as what they say, refused where they lie.
#include <iconv.h>

#include <string>
#include <vector>

#include "shared/document/xml_to_json.h"
#include "tests/document/cut.h"
#include "tests/support/catch.h"

using namespace docmill;

namespace {

// By the iconv of this machine, from UTF-8.
std::string encoded(const std::string& text, const std::string& encoding) {
  const iconv_t handle = iconv_open(encoding.c_str(), "UTF-8");
  REQUIRE(handle != iconv_t(-1));
  std::string copy = text;
  std::string out(text.size() * 5 + 16, '\0');
  char* in = copy.data();
  std::size_t left = copy.size();
  char* at = out.data();
  std::size_t room = out.size();
  REQUIRE(iconv(handle, &in, &left, &at, &room) != std::size_t(-1));
  iconv(handle, nullptr, nullptr, &at, &room);
  iconv_close(handle);
  out.resize(out.size() - room);
  return out;
}

std::string convert(const std::string& xml, const XmlReadOptions& options = {}) {
  XmlToJson converter(options);
  std::string json;
  const Result<Losses> converted = converter.convert(xml, json);
  return converted.ok() ? json : converted.error().text;
}

struct Row {
  std::string declared;  // empty: no declaration
  std::string written;   // what the bytes are in
  std::string text;
  bool streamed = true;  // the splitter reads it too
};

const std::vector<Row> kRows = {
    {"UTF-8", "UTF-8", "grün 日本 😀"},
    {"us-ascii", "ASCII", "plain"},
    {"ISO-8859-1", "ISO-8859-1", "grün"},
    {"UTF-16", "UTF-16", "grün 日本 😀"},
    {"", "UTF-16LE", "grün 日本 😀"},
    {"UTF-16BE", "UTF-16BE", "grün 日本 😀"},
    {"", "UTF-32", "grün 日本 😀", false},
    {"UTF-32", "UTF-32LE", "grün 日本 😀", false},
    {"utf-32be", "UTF-32BE", "grün 日本 😀", false},
    {"windows-1252", "windows-1252", "grün €"},
    {"iso-8859-15", "ISO-8859-15", "grün €"},
    {"KOI8-R", "KOI8-R", "мир"},
    {"windows-1251", "windows-1251", "мир"},
    {"Shift_JIS", "SHIFT_JIS", "日本語 ｶﾅ"},
    {"EUC-JP", "EUC-JP", "日本語 ｶﾅ 丂"},
    {"ISO-2022-JP", "ISO-2022-JP", "日本語", false},
    {"GBK", "GBK", "中文"},
    {"gb18030", "GB18030", "中文 😀", false},
    {"Big5", "BIG5", "中文"},
    {"EUC-KR", "EUC-KR", "한국"},
};

std::string declaration(const std::string& encoding) {
  return encoding.empty() ? "" : "<?xml version='1.0' encoding='" + encoding + "'?>\n";
}

}  // namespace

TEST_CASE("text is the same in every encoding") {
  for (const Row& row : kRows) {
    INFO("declared " << row.declared << ", written in " << row.written);
    const std::string xml = declaration(row.declared) + "<a b='" + row.text + "'>" + row.text +
                            "<c>" + row.text + "</c></a>";
    const std::string bytes = encoded(xml, row.written);
    CHECK(convert(bytes) == R"({"a":{"@b":")" + row.text + R"(","c":")" + row.text +
                                R"(","#text":")" + row.text + R"("}})");
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
      const Cut records = cut(bytes, "/a/c", chunk);
      if (row.streamed) {
        CHECK(records.error == "");
        CHECK(records.records == std::vector<std::string>{"<c>" + row.text + "</c>"});
      } else {
        CHECK(records.error != "");
      }
    }
  }
}

TEST_CASE("entities and defaults of a DTD are read in every encoding") {
  for (const Row& row : kRows) {
    if (row.declared == "us-ascii") continue;
    INFO("declared " << row.declared << ", written in " << row.written);
    const std::string xml = declaration(row.declared) + "<!DOCTYPE a [<!ENTITY e '" + row.text +
                            "'><!ATTLIST a b CDATA '" + row.text + "'>]><a>&e;</a>";
    CHECK(convert(encoded(xml, row.written)) ==
          R"({"a":{"@b":")" + row.text + R"(","#text":")" + row.text + R"("}})");
  }
}

TEST_CASE("what is not in the encoding that it says is refused, and the place is named") {
  struct Case {
    std::string bytes;
    std::string error;
  };
  const std::string utf32 = encoded("<?xml version='1.0' encoding='UTF-16'?><a/>", "UTF-32LE");
  const std::vector<Case> cases = {
      {"<?xml version='1.0' encoding='shift_jis'?>\n<a>\x83\x41 \xFF</a>",
       "line 2, column 6 (byte 49): byte 0xff begins no character of encoding 'shift_jis'"},
      {"<?xml version='1.0' encoding='windows-1252'?><a>\x81</a>",
       "line 1, column 49 (byte 48): byte 0x81 begins no character of encoding 'windows-1252'"},
      {"<?xml version='1.0' encoding='euc-jp'?><a>\xB0",
       "line 1, column 43 (byte 42): byte 0xb0 begins no character of encoding 'euc-jp'"},
      {"<?xml version='1.0' encoding='koi8-r'?><a>\xC1</b>",
       "line 1, column 43: expected '</a>', found another end tag or none"},
      {"<?xml version='1.0' encoding='UTF-32'?><a/>",
       "line 1, column 1 (byte 0): byte 0x3c begins no character of encoding 'UTF-32'"},
      {"<?xml version='1.0' encoding='IBM037'?><a/>",
       "line 1, column 1: the XML declaration says encoding 'IBM037', but the document is not "
       "written in it"},
      {utf32,
       "line 1, column 1: the XML declaration says encoding 'UTF-16', but the document is not "
       "written in it"},
      {"<?xml version='1.0' encoding='UTF-16'?><a/>",
       "line 1, column 31: encoding specified in XML declaration is incorrect"},
      {encoded("<?xml version='1.0' encoding='UTF-8'?><a/>", "UTF-16LE"),
       "line 1, column 31: encoding specified in XML declaration is incorrect"},
      {"<?xml version='1.0' encoding='none-such'?><a/>", "line 1, column 31: unknown encoding"},
      {"<?xml version='1.0' encoding='char'?><a/>", "line 1, column 31: unknown encoding"},
      {"<?xml version='1.0' encoding='wchar_t'?><a/>", "line 1, column 31: unknown encoding"},
      {"<?xml encoding='koi8-r' version='1.0'?><a/>",
       "line 1, column 7: XML declaration not well-formed"},
  };
  for (const Case& c : cases) {
    INFO(c.bytes);
    CHECK(convert(c.bytes) == c.error);
  }
}

// Found by mutations: expat takes a byte order mark for what it is in UTF-8 and then follows the
// declaration, by whatever name it calls the encoding.
TEST_CASE(
    "after the byte order mark of UTF-8 the declaration holds, by every name of an encoding") {
  for (const std::string name : {"ISO-8859-1", "latin1", "iso8859-1"}) {
    INFO(name);
    const std::string begin = "\xEF\xBB\xBF<?xml version='1.0' encoding='" + name + "'?>";
    CHECK(convert(begin + "<a>gr\xFCn</a>") == R"({"a":"grün"})");
    CHECK(convert(begin + "<a><p:b/></a>").find(": unbound prefix") != std::string::npos);
  }
}

TEST_CASE("limits.document holds for the bytes and for what they are in UTF-8") {
  XmlReadOptions options;
  options.limits.document = {150};
  const std::string head = "<?xml version='1.0' encoding='koi8-r'?><a>";
  const std::string tail = "</a>";
  CHECK(convert(head + std::string(40, '\xC1') + tail, options).starts_with("{"));
  CHECK(convert(head + std::string(60, '\xC1') + tail, options) ==
        "the document has more than limits.document of 150B in UTF-8");
  CHECK(convert(head + std::string(120, 'x') + tail, options) ==
        "the document has 166 bytes, more than limits.document of 150B");
}
