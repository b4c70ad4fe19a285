// What `key` and `route` have in common: the same processor under two names, each with its own
// note.
#pragma once

#include "shared/document/notes.h"
#include "tests/transformer/chain_fixture.h"

namespace docmill::test {

// The note of the one document that is made; otherwise what became of it.
inline std::string noted(const std::string& name, const std::string& yaml, std::string_view bytes) {
  const Format format = bytes.starts_with('{') ? Format::kJson : Format::kXml;
  auto chain = make_chain(yaml);
  REQUIRE(chain.ok());
  const Made made = make(*chain, bytes, format).at(0);
  if (made.kind == EntryKind::kDead) return made.reason;
  CHECK(made.bytes == bytes);
  return find_note(made.notes, name).value_or("none");
}

struct NoteCase {
  std::string settings;
  std::string document;
  std::string note;  // or the reason of the dead letter
};

inline void check_notes(const std::string& name) {
  const std::vector<NoteCase> cases = {
      {"{ path: c/@k }", "<b><c k='1'/><c k='2'/></b>", "1"},
      {"{ path: \"concat(c, '-', @k)\" }", "<b k='1'><c>x</c></b>", "x-1"},
      {"{ path: 'o:c', namespaces: { o: 'urn:o' } }", "<z:b xmlns:z='urn:o'><z:c>x</z:c></z:b>",
       "x"},
      {"{ path: /a/b }", R"({ "a": {"b": "x\ny"} })", "x\ny"},
      {"{ path: /a }", R"({ "a": 1.50 })", "1.50"},
      {"{ value: orders }", "<b/>", "orders"},
      {"{ path: c, default: other }", "<b/>", "other"},
  };
  for (const NoteCase& test : cases) {
    INFO(name << ": " << test.settings << " on " << test.document);
    CHECK(noted(name, "- " + name + ": " + test.settings, test.document) == test.note);
  }
  CHECK(noted(name, "[ " + name + ": { value: x }, " + name + ": { value: y } ]", "<b/>") == "y");
}

inline void check_missing_notes(const std::string& name) {
  const std::vector<NoteCase> dead = {
      {"{ path: c }", "<b/>", "c: nothing in the document matches; give a default to let it pass"},
      {"{ value: x }", "<b>",
       "line 1, column 4: the document ends inside element 'b'; expected '</b>'"},
  };
  for (const NoteCase& test : dead) {
    INFO(name << ": " << test.settings << " on " << test.document);
    CHECK(noted(name, "- " + name + ": " + test.settings, test.document) ==
          "transformer." + name + ": " + test.note);
  }
  const auto findings = [&name](const std::string& settings) {
    return findings_of("- " + name + ": " + settings);
  };
  CHECK(findings("{ value: x, default: y }") ==
        "test.yaml:1: " + name + ": default: only beside 'path'\n");
  CHECK(findings("{ value: x, path: y }") ==
        "test.yaml:1: " + name + ".value: cannot stand beside 'path'; keep one of them\n");
  CHECK(findings("{ path: 'y[' }") ==
        "test.yaml:1: " + name +
            ": path: expected an XPath, found 'y[': Unrecognized node test at character 3\n");
}

}  // namespace docmill::test
