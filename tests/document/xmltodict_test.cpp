// The oracle of the compact convention is Debian's python3-xmltodict, run on the same bytes.
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "shared/document/xml_splitter.h"
#include "shared/document/xml_to_json.h"
#include "tests/document/temporary_folder.h"
#include "tests/support/catch.h"

using namespace docmill;

namespace {

constexpr const char* kMimeFile = "/usr/share/mime/packages/freedesktop.org.xml";
constexpr const char* kScript = DOCMILL_SOURCE_DIR "/tests/document/xmltodict_oracle.py ";

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A JSON string without line ends, which Python reads back.
std::string quoted(const std::string& text) {
  JsonBuffer json;
  json.put_string(text);
  return std::string(json.view());
}

void run_oracle(const std::string& arguments) {
  const std::string command = std::string("/usr/bin/python3 ") + kScript + arguments;
  INFO(command);
  REQUIRE(std::system(command.c_str()) == 0);
}

// Documents that put together whatever changes the shape of the JSON.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::string document() {
    std::string out;
    element(out, 0);
    return out;
  }

 private:
  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
  }

  void element(std::string& out, int depth) {
    static const std::vector<std::string> kNames = {"a", "b",  "c",  "p:d", "e-1", "f.g", "_h",
                                                    "ü", "k1", "k2", "k3",  "k4",  "k5",  "k6"};
    static const std::vector<std::string> kPieces = {"x",
                                                     " ",
                                                     "\n  ",
                                                     "\t",
                                                     " y ",
                                                     "&amp;",
                                                     "&lt;b&gt;",
                                                     "&#32;",
                                                     "&#160;",
                                                     "&#x2003;",
                                                     "\xC2\xA0",
                                                     "\xE3\x80\x80z",
                                                     "\r\n",
                                                     "\r",
                                                     "\"quote\\",
                                                     "&quot;",
                                                     "é",
                                                     "&#x1F600;",
                                                     "<!--c-->",
                                                     "<?pi d?>",
                                                     "<![CDATA[ ]]>",
                                                     "<![CDATA[<&\r\n>]]>",
                                                     "<![CDATA[]]>",
                                                     "]]",
                                                     "&#13;",
                                                     "&#9;"};
    static const std::vector<std::string> kValues = {
        "", "v", " v ", "a\nb\tc\r\nd", "&#10;&#13;&#9;", "'", "&quot;\\", "ü&#x20AC;", "&lt;"};
    const std::string& name = kNames[below(kNames.size())];
    out += "<" + name;
    if (depth == 0) out += " xmlns:p='urn:p'";
    if (below(3) == 0) out += " one=\"" + kValues[below(kValues.size())] + "\"";
    if (below(4) == 0) out += " p:two=\"" + kValues[below(kValues.size())] + "\"";
    if (below(6) == 0) {
      out += "/>";
      return;
    }
    out += ">";
    const std::size_t parts = below(depth == 0 ? 24 : 5);
    for (std::size_t i = 0; i < parts; ++i) {
      if (depth < 4 && below(2) == 0) {
        element(out, depth + 1);
      } else {
        out += kPieces[below(kPieces.size())];
      }
    }
    out += "</" + name + ">";
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("the records of the MIME database equal what xmltodict makes of the original file") {
  const std::string xml = read_file(kMimeFile);
  for (const bool anew : {false, true}) {
    TemporaryFolder folder;
    XmlSplitOptions options;
    options.always_write_anew = anew;
    XmlSplitter splitter(ElementPath::parse("/mime-info/mime-type").value(), options);
    XmlToJson to_json;
    std::string json;
    std::size_t records = 0;
    constexpr std::size_t kChunk = 65'536;
    for (std::size_t at = 0; at < xml.size(); at += kChunk) {
      const std::string_view chunk = std::string_view(xml).substr(at, kChunk);
      REQUIRE(splitter.feed(chunk, at + kChunk >= xml.size()).ok());
      for (XmlRecord record; splitter.next(record); ++records) {
        REQUIRE(to_json.convert(record.bytes, json).ok());
        json += '\n';
      }
    }
    CHECK(records == 851);
    std::ofstream(folder / "out.ndjson", std::ios::binary) << json;
    run_oracle(std::string("records ") + kMimeFile + " mime-type " +
               (folder / "out.ndjson").string());
  }
}

TEST_CASE("5,000 generated documents become what xmltodict makes of them, key order included") {
  TemporaryFolder folder;
  std::string inputs;
  std::string outputs;
  XmlToJson to_json;
  for (unsigned seed = 1; seed <= 5'000; ++seed) {
    const std::string xml = Generator(seed).document();
    INFO("seed " << seed << ": " << xml);
    inputs += quoted(xml) + "\n";
    const Result<Losses> converted = to_json.convert(xml, outputs);
    REQUIRE((converted.ok() ? "" : converted.error().text) == "");
    outputs += '\n';
  }
  std::ofstream(folder / "in.txt", std::ios::binary) << inputs;
  std::ofstream(folder / "out.ndjson", std::ios::binary) << outputs;
  run_oracle("documents " + (folder / "in.txt").string() + " " + (folder / "out.ndjson").string());
}
