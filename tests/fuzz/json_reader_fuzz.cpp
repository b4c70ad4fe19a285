// Any bytes: the guard's verdict is nlohmann's; what it accepts is written as one line that means
// the same, and goes through XML and back without a change.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "shared/document/json_scanner.h"
#include "shared/document/json_to_xml.h"
#include "shared/document/json_writer.h"
#include "shared/document/xml_to_json.h"

namespace {

using namespace docmill;

[[noreturn]] void fail(const char* what, const std::string& text) {
  std::fprintf(stderr, "%s: %s\n", what, text.c_str());
  std::abort();
}

// Their limits on numbers are no part of the grammar.
bool theirs_accepts(std::string_view json, bool& out_of_range) {
  try {
    (void)nlohmann::json::parse(json);
    return true;
  } catch (const nlohmann::json::out_of_range&) {
    out_of_range = true;
    return false;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

// Strings may be written otherwise; what they and the numbers are, the XML says.
void through_xml(const std::string& json, JsonConvention convention) {
  JsonToXml to_xml({.convention = convention});
  XmlToJson to_json({}, {.convention = convention});
  std::string xml;
  const auto written = to_xml.convert(json, xml);
  if (!written) return;  // a character that XML cannot carry, or a key where a name must be
  std::string again;
  const auto read = to_json.convert(xml, again);
  if (!read) fail("written XML is not read", xml + " - " + read.error().text);
  if (!written->empty()) return;
  std::string xml_again;
  if (!to_xml.convert(again, xml_again) || xml_again != xml) {
    fail("comes back changed", json + " - " + again);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static JsonScanner scanner({.duplicates = DuplicateKeys::kLast});
  static JsonScanner strict;
  static JsonTape tape;
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  const auto scanned = scanner.scan(json, tape);
  if (json.find('\0') != json.npos) {
    if (scanned) fail("a NUL is accepted", std::string(json));
    return 0;
  }
  bool out_of_range = false;
  const bool theirs = theirs_accepts(json, out_of_range);
  if (!out_of_range && scanned.ok() != theirs) {
    fail("verdicts differ", scanned ? "accepted" : scanned.error().text);
  }
  if (!scanned) return 0;
  std::string line;
  append_json(tape, 0, line);
  if (line.find('\n') != line.npos) fail("no one line", line);
  if (!scanner.scan(line, tape)) fail("written JSON is not read", line);
  std::string again;
  append_json(tape, 0, again);
  if (line != again) fail("written JSON is another", line + " - " + again);
  if (!out_of_range && nlohmann::json::parse(line) != nlohmann::json::parse(json)) {
    fail("written JSON means another", line);
  }
  if (strict.scan(line, tape)) {
    through_xml(line, JsonConvention::kNatural);
    through_xml(line, JsonConvention::kXpath31);
  }
  return 0;
}
