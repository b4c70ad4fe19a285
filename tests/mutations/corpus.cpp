#include "tests/mutations/corpus.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/conformance/suite.h"
#include "tests/document/cut.h"

namespace docmill {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargest = 3000;  // bytes; larger documents only take longer
constexpr std::size_t kOfEach = 400;    // documents of one real source

const std::vector<std::string> kWritten = {
    R"(<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment - with a dash --><?style sheet="x"?>
<c:catalog xmlns:c="urn:c" xmlns="urn:d" xml:lang="en"><book id="1" c:id="2">A &amp; B &lt;C&gt; &#233;&#x1F600;
</book><empty/><m>Hi <b>you</b> all ]] ></m><![CDATA[<raw> & ]] ]]></c:catalog>
<!-- after --> )",
    "<a xmlns:p='u' xmlns:q='u' p:x='1' q:y='2'><p:b q:x=\"'\" p:z='\"'/><q:c>t\xC3\xA9\xE2\x82\xAC"
    "\xF0\x9F\x98\x80</q:c></a>",
    "\xEF\xBB\xBF<r><x y='a\tb\r\nc'> </x>\r\n<?pi?><?pi d ?><z\n/></r>\n",
    "<l><l a='1' b='2' c='3' d='4' e='5' f='6' g='7' h='8' i='9' j='10'><l><l/></l></l></l>",
    "<?xml version='1.0' standalone='yes'?><!DOCTYPE d SYSTEM \"d.dtd\"><d>x<!-- y --></d>",
    "<!DOCTYPE d [<!ENTITY e 'v'><!ATTLIST d k CDATA 'w'>]><d>&e;<p/></d>",
    "<n xml:space='preserve' xmlns:xml='http://www.w3.org/XML/1998/namespace'><n "
    "xmlns=''>&#10;</n></n>",
};

// Evenly chosen, so that the end of a source is tried as well as its beginning.
void append_some(std::vector<std::string>& out, const std::vector<std::string>& documents) {
  const std::size_t step = documents.size() / kOfEach + 1;
  for (std::size_t i = 0; i < documents.size(); i += step) out.push_back(documents[i]);
}

void append_records(std::vector<std::string>& documents, const std::string& path,
                    const std::string& wanted) {
  for (std::string& record : cut(conformance::read_file(path), wanted).records) {
    if (record.size() <= kLargest) documents.push_back(std::move(record));
  }
}

std::vector<std::string> files_below(const std::string& folder, const std::string& extension) {
  std::vector<std::string> paths;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == extension) {
      paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

void append_real(std::vector<std::string>& out) {
  std::vector<std::string> documents;
  append_records(documents, "/usr/share/mime/packages/freedesktop.org.xml", "/mime-info/mime-type");
  append_some(out, documents);
  documents.clear();
  for (const std::string& path : files_below("/usr/share/xml/docbook/stylesheet", ".xsl")) {
    if (fs::file_size(path) < 20'000) append_records(documents, path, "/*/*");
  }
  append_some(out, documents);
  documents.clear();
  for (const std::string& path : files_below("/usr/share/unicode/cldr/common/main", ".xml")) {
    if (fs::file_size(path) <= kLargest) documents.push_back(conformance::read_file(path));
  }
  append_some(out, documents);
  if (documents.empty()) throw std::runtime_error("no files of unicode-cldr-core; scripts/setup");
}

}  // namespace

Corpus read_corpus() {
  Corpus corpus;
  corpus.written = kWritten;
  for (const conformance::SuiteCase& test :
       conformance::read_suite(DOCMILL_SOURCE_DIR "/build/data/xml-conformance/build/dist")) {
    if (test.bytes.size() > kLargest) continue;
    corpus.others.push_back(test.bytes);
    std::string copy = conformance::without_doctype(test.bytes);
    // Of those that are wrong to begin with, every mutation would be wrong as well.
    if (test.type != "not-wf") corpus.guarded.push_back(std::move(copy));
  }
  append_real(corpus.guarded);
  return corpus;
}

}  // namespace docmill
