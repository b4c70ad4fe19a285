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
#include "tests/mutations/judge.h"
#include "tests/mutations/mutator.h"
#include "tests/support/catch.h"

using namespace docmill;

namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* value = std::getenv(variable);
  return value == nullptr || *value == '\0' ? otherwise : std::strtoull(value, nullptr, 10);
}

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
