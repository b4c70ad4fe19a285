// The pipelines in config/, as far as their processors go.
#include <filesystem>

#include "shared/config/pipeline.h"
#include "tests/transformer/chain_fixture.h"

namespace docmill::test {
namespace {

constexpr const char* kBook =
    "<book id='b3' xml:lang='en'><title>Wheels</title><author>Dan Ford</author>"
    "<author>Eve</author><price currency='USD'>31.00</price></book>";

Result<Chain> chain_of(const std::filesystem::path& file) {
  const ComponentSet set = processor_set();
  Findings findings;
  const auto config = load_pipeline(file, {.processors = &set}, {}, findings);
  INFO(findings.text());
  REQUIRE(config);
  return Chain::make(config->transformer.processors, {});
}

TEST_CASE("the processors of every pipeline in config/ can be made") {
  std::filesystem::current_path(DOCMILL_SOURCE_DIR);
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("config")) {
    if (entry.path().extension() != ".yaml") continue;
    INFO(entry.path());
    const auto chain = chain_of(entry.path());
    CHECK((chain ? "" : chain.error().text) == "");
    ++count;
  }
  CHECK(count >= 5);
}

TEST_CASE("the samples with jq and XSLT make of a book what they say") {
  std::filesystem::current_path(DOCMILL_SOURCE_DIR);
  auto jq = chain_of("config/books-jq.yaml");
  REQUIRE(jq.ok());
  CHECK(make(*jq, kBook).at(0).bytes == R"({"title":"Wheels","by":"Dan Ford and Eve","price":31})");
  auto xslt = chain_of("config/books-xslt.yaml");
  REQUIRE(xslt.ok());
  CHECK(make(*xslt, kBook).at(0) ==
        Made{EntryKind::kDocument, Format::kText, "Wheels: 31.00 USD", ""});
}

}  // namespace
}  // namespace docmill::test
