#include "shared/document/json_to_xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "shared/document/keyed_xml.h"
#include "shared/document/listed_xml.h"
#include "shared/document/xml_text.h"

namespace docmill {
namespace {

template <typename Writer>
Error failure_of(const Writer& writer, const JsonTape& tape) {
  const JsonNode& node = tape.nodes[writer.failed_at()];
  // A string's place is its quote.
  const TextPlace place =
      locate(tape.source, node.start - (node.kind == JsonNode::Kind::kString ? 1 : 0));
  return malformed(
      fmt::format("line {}, column {}: {}", place.line, place.column, writer.failure()));
}

}  // namespace

std::optional<XmlConvention> find_xml_convention(std::string_view name) {
  const auto* found = std::find(std::begin(kXmlConventions), std::end(kXmlConventions), name);
  if (found == std::end(kXmlConventions)) return std::nullopt;
  return static_cast<XmlConvention>(found - std::begin(kXmlConventions));
}

JsonToXml::JsonToXml(const JsonToXmlOptions& options)
    : convention_(options.convention),
      scanner_({.limits = json_limits(options.limits), .duplicates = options.duplicates}),
      natural_(options.natural),
      xpath31_(options.natural.controls),
      verifier_(XmlReadOptions{.limits = options.limits}) {}

Result<Losses> JsonToXml::convert(std::string_view json, std::string& out) {
  if (auto scanned = scanner_.scan(json, tape_); !scanned) return scanned.error();
  const std::size_t begin = out.size();
  Result<Losses> done = write(out);
  if (done) {
    // Prefixes, repeated attributes, limits: what only the whole shows.
    const auto verdict = verifier_.read(std::string_view(out).substr(begin));
    if (!verdict) done = malformed("as XML: " + verdict.error().text);
  }
  if (!done) out.resize(begin);
  return done;
}

Result<Losses> JsonToXml::write(std::string& out) {
  switch (convention_) {
    case XmlConvention::kNatural: {
      const Result<void> done = natural_.write(tape_, out);
      return done ? Result<Losses>(natural_.losses()) : done.error();
    }
    case XmlConvention::kXpath31: {
      const Result<void> done = xpath31_.write(tape_, out);
      return done ? Result<Losses>(xpath31_.losses()) : done.error();
    }
    case XmlConvention::kCompact:
    case XmlConvention::kBadgerfish: {
      KeyedXml xml(tape_, convention_ == XmlConvention::kCompact ? "#text" : "$", out);
      return xml.write() ? Result<Losses>(xml.losses()) : failure_of(xml, tape_);
    }
    default: {
      ListedXml xml(tape_, convention_ == XmlConvention::kOrdered, out);
      return xml.write() ? Result<Losses>(Losses()) : failure_of(xml, tape_);
    }
  }
}

}  // namespace docmill
