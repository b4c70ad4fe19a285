// What the transformer's tests share: a chain made of YAML, and what it makes of one document.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/config/yaml.h"
#include "tests/support/catch.h"
#include "transformer/chain.h"

namespace docmill::test {

struct Made {
  EntryKind kind = EntryKind::kDocument;
  Format format = Format::kBytes;
  std::string bytes;
  std::string reason;
  std::string notes = "";
  bool operator==(const Made&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const Made& made) {
  return out << static_cast<int>(made.kind) << ' ' << static_cast<int>(made.format) << " '"
             << made.bytes << "' '" << made.reason << "' '" << made.notes << "'";
}

// yaml: a list of processors.
inline Result<Chain> make_chain(const std::string& yaml, const ProcessorContext& context = {}) {
  const ComponentSet set = processor_set();
  Findings findings;
  const Place place(findings, "test.yaml");
  const auto node = parse_yaml(yaml, place);
  REQUIRE(node);
  std::vector<Component> components;
  for (const YamlNode& item : node->items) {
    auto component = read_component(item, place, &set);
    if (component) components.push_back(std::move(*component));
  }
  INFO(findings.text());
  REQUIRE(findings.empty());
  return Chain::make(components, context);
}

inline std::vector<Made> make(Chain& chain, std::string_view bytes, Format format = Format::kXml) {
  PayloadWriter payload;
  chain.process(0, {format, bytes, {.source = "a.xml", .record = 1, .offset = 0, .line = 1}},
                payload);
  const std::string packed = payload.take();
  std::vector<Made> all;
  PayloadReader reader(packed);
  Entry entry;
  for (auto more = reader.next(entry); more && *more; more = reader.next(entry)) {
    all.push_back({entry.kind, entry.document.format, std::string(entry.document.bytes),
                   std::string(entry.reason), std::string(entry.document.notes)});
  }
  return all;
}

// The one document that the processors make.
inline std::vector<Made> through(const std::string& yaml, std::string_view bytes,
                                 Format format = Format::kXml) {
  auto chain = make_chain(yaml);
  REQUIRE(chain.ok());
  return make(*chain, bytes, format);
}

// What a processor makes of a document of either format, as one text: the bytes of the documents,
// '|' between them; "filtered"; or the reason of the dead letter.
inline std::string outcome(const std::string& yaml, std::string_view bytes) {
  const bool json = bytes.starts_with('{') || bytes.starts_with('[');
  std::string text;
  for (const Made& made : through(yaml, bytes, json ? Format::kJson : Format::kXml)) {
    if (made.kind == EntryKind::kDead) return made.reason;
    if (made.kind == EntryKind::kFiltered) return "filtered";
    text += (text.empty() ? "" : "|") + made.bytes;
  }
  return text;
}

// What is found in a list of processors before anything runs.
inline std::string findings_of(const std::string& yaml) {
  const ComponentSet set = processor_set();
  Findings findings;
  const Place place(findings, "test.yaml");
  const auto node = parse_yaml(yaml, place);
  REQUIRE(node);
  for (const YamlNode& item : node->items) read_component(item, place, &set);
  return findings.text();
}

struct OutcomeCase {
  std::string yaml;
  std::string document;
  std::string made;
};

inline void check_outcomes(const std::vector<OutcomeCase>& cases) {
  for (const OutcomeCase& test : cases) {
    INFO(test.yaml << " on " << test.document);
    CHECK(outcome(test.yaml, test.document) == test.made);
  }
}

}  // namespace docmill::test
