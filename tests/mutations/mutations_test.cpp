// The guard's verdict is expat's: seeded mutations are judged by both.
//
// MUTATIONS is how many (200,000), SEED which ones (1). A difference is printed with the number of
// its mutation; MUTATION=number judges that one alone.
#include <fmt/format.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "shared/document/expat_verdict.h"
#include "shared/document/xml_reader.h"
#include "shared/document/xml_text.h"
#include "tests/mutations/corpus.h"
#include "tests/mutations/editions.h"
#include "tests/mutations/mutator.h"
#include "tests/support/catch.h"

using namespace docmill;

namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* value = std::getenv(variable);
  return value == nullptr || *value == '\0' ? otherwise : std::strtoull(value, nullptr, 10);
}

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

struct Tally {
  std::uint64_t guarded = 0;
  std::uint64_t accepted = 0;
  std::uint64_t editions = 0;  // differ in the names of the 5th edition
  std::uint64_t dropped = 0;   // differ in a reference that expat drops
  std::uint64_t latin1 = 0;    // differ in what expat takes for letters in ISO-8859-1
};

class Judge {
 public:
  const Tally& tally() const { return tally_; }

  // Empty: the verdicts agree, or differ in what they may differ in.
  std::string difference(const std::string& document) {
    // Encodings that expat does not know: it is asked about the UTF-8 that docmill reads.
    const Result<std::string_view> utf8 = encoding_.to_utf8(document, {1 << 30});
    XmlFailure failure;
    const bool expat = expat_accepts(utf8.ok() ? *utf8 : document, failure);
    const Result<const XmlTape*> read = reader_.read(document);
    const Result<XmlScanner::Verdict> scanned = scanner_.scan(document, tape_);
    const bool guarded = !scanned.ok() || *scanned == XmlScanner::Verdict::kAccepted;
    if (guarded && scanned.ok() != read.ok()) return "the guard and the reader disagree";
    tally_.guarded += guarded ? 1 : 0;
    tally_.accepted += expat ? 1 : 0;
    if (read.ok() == expat) return {};
    XmlFailure ignored;
    const std::string judged(utf8.ok() ? *utf8 : document);
    if (read.ok() && expat_accepts(with_4th_edition_names(judged), ignored)) {
      ++tally_.editions;
      return {};
    }
    if (expat && only_drops_a_reference(reader_, document, read.error().text)) {
      ++tally_.dropped;
      return {};
    }
    if (expat && only_latin1_letters(reader_, document)) {
      ++tally_.latin1;
      return {};
    }
    return fmt::format("docmill: {}; expat: {}", read.ok() ? "accepted" : read.error().text,
                       expat ? "accepted"
                             : fmt::format("{} at line {}, column {}", failure.text, failure.line,
                                           failure.column));
  }

 private:
  XmlReader reader_{without_limits()};
  XmlScanner scanner_{without_limits().limits, true};
  XmlTape tape_;
  XmlEncoding encoding_;
  Tally tally_;
};

std::string mutation(const Corpus& corpus, std::uint64_t seed, std::uint64_t number) {
  Mutator mutator(seed << 32 | number);
  const std::size_t dice = mutator.below(20);
  const std::vector<std::string>& from = dice < 2    ? corpus.written
                                         : dice < 17 ? corpus.guarded
                                                     : corpus.others;
  const std::string& other = corpus.guarded[mutator.below(corpus.guarded.size())];
  return mutator.mutate(from[mutator.below(from.size())], other);
}

}  // namespace

TEST_CASE("guard and expat agree on 200,000 mutations of the W3C suite and of real files") {
  const std::uint64_t seed = number_from("SEED", 1);
  const std::uint64_t count = number_from("MUTATIONS", 200'000);
  const std::uint64_t only = number_from("MUTATION", 0);
  const Corpus corpus = read_corpus();
  Judge judge;
  std::uint64_t different = 0;
  for (std::uint64_t number = only != 0 ? only : 1; number <= (only != 0 ? only : count);
       ++number) {
    const std::string document = mutation(corpus, seed, number);
    const std::string difference = judge.difference(document);
    if (difference.empty()) continue;
    INFO("SEED=" << seed << " MUTATION=" << number << " judges this one alone:\n" << document);
    CHECK(difference == "");
    REQUIRE(++different < 20);
  }
  const Tally& tally = judge.tally();
  std::cout << fmt::format(
      "SEED={}: {} mutations, {} by the guard, {} well-formed; names of the 5th edition: {}, "
      "references that expat drops: {}, its letters of ISO-8859-1: {}\n",
      seed, count, tally.guarded, tally.accepted, tally.editions, tally.dropped, tally.latin1);
  if (only != 0) return;
  CHECK(tally.guarded >= count * 3 / 4);
  CHECK(tally.accepted >= count / 4);
  CHECK(tally.editions <= count / 100);
  CHECK(tally.dropped + tally.latin1 <= count / 1000);
}

TEST_CASE("every prefix of a document with every construct is judged as expat judges it") {
  Judge judge;
  for (const std::string& document : read_corpus().written) {
    for (std::size_t length = 0; length <= document.size(); ++length) {
      INFO(document.substr(0, length));
      CHECK(judge.difference(document.substr(0, length)) == "");
    }
  }
}

TEST_CASE("names follow the 5th edition, of which expat's 4th is a part") {
  XmlReader reader;
  int more = 0;
  for (std::uint32_t c = 0x80; c < 0x10000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string character;
    append_decoded(character, "&#" + std::to_string(c) + ";", XmlContent::kText);
    const std::string document = "<" + character + "/>";
    XmlFailure failure;
    const bool expat = expat_accepts(document, failure);
    const bool ours = reader.read(document).ok();
    if (expat && !ours) FAIL("only expat accepts U+" << std::hex << c);
    more += ours && !expat ? 1 : 0;
  }
  CHECK(more > 10'000);
}
