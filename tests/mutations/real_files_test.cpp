// The compact convention on all XML of two Debian packages, as it is and without its DOCTYPE, so
// that both ways in are tried; the oracle is Debian's python3-xmltodict.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "shared/document/xml_to_json.h"
#include "tests/conformance/suite.h"
#include "tests/document/temporary_folder.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> real_files() {
  std::vector<std::string> paths;
  for (const char* folder :
       {"/usr/share/unicode/cldr/common", "/usr/share/xml/docbook/stylesheet"}) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
      const std::string extension = entry.path().extension();
      if (entry.is_regular_file() && (extension == ".xml" || extension == ".xsl")) {
        paths.push_back(entry.path());
      }
    }
  }
  return paths;
}

TEST_CASE("all real files become what xmltodict makes of them, with their DOCTYPE and without") {
  const std::vector<std::string> paths = real_files();
  CHECK(paths.size() > 1000);
  const TemporaryFolder folder;
  std::ofstream list(folder / "list.txt", std::ios::binary);
  std::ofstream lines(folder / "out.ndjson", std::ios::binary);
  XmlToJson to_json;
  std::string json;
  std::size_t bare = 0;
  const auto add = [&](const std::string& path, const std::string& bytes) {
    json.clear();
    list << path << '\n';
    lines << (to_json.convert(bytes, json).ok() ? json : "null") << '\n';
  };
  for (const std::string& path : paths) {
    const std::string bytes = conformance::read_file(path);
    add(path, bytes);
    const std::string without = conformance::without_doctype(bytes);
    if (without == bytes) continue;
    const std::string copy = folder / (std::to_string(++bare) + ".xml");
    std::ofstream(copy, std::ios::binary) << without;
    add(copy, without);
  }
  CHECK(bare > 500);
  list.close();
  lines.close();
  const std::string command =
      "/usr/bin/python3 " DOCMILL_SOURCE_DIR "/tests/document/xmltodict_oracle.py files " +
      (folder / "list.txt").string() + " " + (folder / "out.ndjson").string();
  CHECK(std::system(command.c_str()) == 0);
}

}  // namespace
}  // namespace docmill
