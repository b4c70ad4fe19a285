// Any bytes: what the converter makes of them is one line of JSON, read strictly or leniently, and
// a tree that is loaded from them and written out again converts to the same.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "shared/document/xml_to_json.h"
#include "shared/document/xml_tree.h"

namespace {

using namespace docmill;

[[noreturn]] void fail(const char* what, const std::string& text) {
  std::fprintf(stderr, "%s: %s\n", what, text.c_str());
  std::abort();
}

void check_json(const std::string& json) {
  // This parser takes a NUL for the end.
  if (json.find('\0') != json.npos || json.find('\n') != json.npos) fail("no one line", json);
  if (!nlohmann::json::accept(json)) fail("no JSON", json);
}

void read_leniently(std::string_view xml) {
  XmlReadOptions options;
  options.parser = ParserPolicy::kLenient;
  static XmlToJson converter(options);
  static XmlTree tree(options);
  std::string json;
  if (converter.convert(xml, json).ok()) check_json(json);
  (void)tree.load(xml);  // ends the program where pugixml does not read what it has written
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static XmlToJson converter;
  static XmlTree tree;
  const std::string_view xml(reinterpret_cast<const char*>(data), size);
  read_leniently(xml);
  std::string json;
  const auto converted = converter.convert(xml, json);
  const Result<void> loaded = tree.load(xml);
  if (converted.ok() != loaded.ok()) fail("the tree disagrees with the converter", json);
  if (!converted.ok()) {
    if (!json.empty()) fail("a failure that writes", json);
    if (converted.error().text.empty()) fail("a failure without words", "");
    return 0;
  }
  check_json(json);
  std::string written;
  tree.write(written);
  std::string again;
  const auto reread = converter.convert(written, again);
  if (!reread.ok()) fail("written XML is not read", written + " - " + reread.error().text);
  if (again != json) fail("written XML is another", written + " - " + json + " - " + again);
  return 0;
}
