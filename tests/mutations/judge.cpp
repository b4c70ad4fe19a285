#include "tests/mutations/judge.h"

#include <fmt/format.h>

#include <string_view>

#include "shared/document/expat_verdict.h"
#include "tests/mutations/editions.h"

namespace docmill {
namespace {

// Expat has no such limits.
XmlReadOptions without_limits() {
  XmlReadOptions options;
  options.limits = {.document = {1 << 30},
                    .token = {1 << 30},
                    .name = {1 << 20},
                    .depth = 10'000,
                    .attributes = 100'000,
                    .namespaces = 100'000};
  return options;
}

// Where a DTD file was not read, expat takes an entity that it does not know for one of that file,
// and drops it from the value of an attribute without a word; docmill refuses it. The same document
// with something else in place of the references shows whether that is all.
bool only_drops_a_reference(XmlReader& reader, std::string document, std::string error) {
  for (;;) {
    const std::string_view before = ": entity '";
    const std::size_t begin = error.find(before);
    const std::size_t end = error.find("' is not declared");
    if (begin == error.npos || end == error.npos) return false;
    const std::size_t from = begin + before.size();
    const std::string reference = "&" + error.substr(from, end - from) + ";";
    std::size_t at = document.find(reference);
    if (at == document.npos) return false;
    for (; at != document.npos; at = document.find(reference, at + 1)) {
      document.replace(at, reference.size(), "x");
    }
    const Result<const XmlTape*> read = reader.read(document);
    if (read.ok()) return true;
    error = read.error().text;
  }
}

// In ISO-8859-1 expat takes three characters for letters that are none in any edition, and not in
// expat's own UTF-8 either: U+00AA, U+00B5 and U+00BA.
bool only_latin1_letters(XmlReader& reader, const std::string& document) {
  if (document.find("8859-1") == document.npos) return false;
  std::string replaced;
  for (const char c : document) {
    const bool letter = c == '\xAA' || c == '\xB5' || c == '\xBA';
    replaced += letter ? fmt::format("n{:x}z", static_cast<unsigned char>(c)) : std::string(1, c);
  }
  return replaced != document && reader.read(replaced).ok();
}

}  // namespace

Judge::Judge() : reader_(without_limits()), scanner_(without_limits().limits, true) {}

bool Judge::excused(const std::string& document, const Result<const XmlTape*>& read) {
  XmlFailure ignored;
  if (read.ok()) {
    const bool editions = expat_accepts(with_4th_edition_names(document), ignored);
    tally_.editions += editions ? 1 : 0;
    return editions;
  }
  const std::string error = read.error().text;
  if (only_drops_a_reference(reader_, document, error)) {
    ++tally_.dropped;
    return true;
  }
  const bool latin1 = only_latin1_letters(reader_, document);
  tally_.latin1 += latin1 ? 1 : 0;
  return latin1;
}

std::string Judge::difference(const std::string& document) {
  // Encodings that expat does not know: it is asked about the UTF-8 that docmill reads.
  const Result<std::string_view> utf8 = encoding_.to_utf8(document, {1 << 30});
  const std::string judged(utf8.ok() ? *utf8 : document);
  XmlFailure failure;
  const bool expat = expat_accepts(judged, failure);
  const Result<const XmlTape*> read = reader_.read(document);
  const Result<XmlScanner::Verdict> scanned = scanner_.scan(document, tape_);
  const bool guarded = !scanned.ok() || *scanned == XmlScanner::Verdict::kAccepted;
  if (guarded && scanned.ok() != read.ok()) return "the guard and the reader disagree";
  tally_.guarded += guarded ? 1 : 0;
  tally_.accepted += expat ? 1 : 0;
  if (read.ok() == expat) return {};
  const std::string ours = read.ok() ? "accepted" : read.error().text;
  if (excused(judged, read)) return {};
  return fmt::format(
      "docmill: {}; expat: {}", ours,
      expat ? "accepted"
            : fmt::format("{} at line {}, column {}", failure.text, failure.line, failure.column));
}

}  // namespace docmill
