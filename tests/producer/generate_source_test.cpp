#include <cstdio>
#include <set>

#include "producer/sources/sources.h"
#include "tests/producer/source_fixture.h"

namespace docmill::test {
namespace {

using State = Source::State;

struct GenerateFixture : SourceFixture {
  std::unique_ptr<Source> generate(const std::string& settings, const std::string& position = "") {
    auto source = open(generate_source(), settings, position);
    INFO((source ? "" : source.error().text));
    REQUIRE(source.ok());
    return std::move(*source);
  }
  std::vector<std::string> records(const std::string& settings) {
    std::vector<std::string> all;
    for (const Seen& one : read_all(*generate(settings))) {
      if (is_document(one)) all.push_back(one.bytes);
    }
    return all;
  }
};

TEST_CASE_METHOD(GenerateFixture, "a record is determined by seed, producer and number") {
  const std::vector<std::string> first = records("{ count: 50, seed: 7 }");
  REQUIRE(first.size() == 50);
  CHECK(std::set<std::string>(first.begin(), first.end()).size() == 50);
  CHECK(first[0].starts_with("<record id=\"p1-000000001\" sum=\""));
  catalog = {};
  clock.time += std::chrono::hours(1);
  CHECK(records("{ count: 50, seed: 7 }") == first);
  catalog = {};
  CHECK(records("{ count: 50, seed: 8 }") != first);
  catalog = {};
  producer = "p2";
  CHECK(records("{ count: 50, seed: 7 }") != first);
}

TEST_CASE_METHOD(GenerateFixture, "a record has about the size that was asked for") {
  for (const std::size_t size : {350U, 1000U, 10'000U, 1'000'000U}) {
    for (const std::string format : {"xml", "json"}) {
      catalog = {};
      const auto all = records(fmt::format("{{ count: 20, size: {}B, format: {} }}", size, format));
      std::size_t sum = 0;
      for (const std::string& record : all) sum += record.size();
      INFO(size << ' ' << format);
      CHECK(sum / 20 > size * 9 / 10);
      CHECK(sum / 20 < size * 12 / 10);
    }
  }
}

// Its own words for the rule in generated_record.h; xmltodict's for the XML.
constexpr std::string_view kChecker = R"(
import json, sys, zlib, xmltodict
def values(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key != "@sum": yield from values(value)
    elif isinstance(node, list):
        for value in node: yield from values(value)
    else: yield node
good = 0
for number, line in enumerate(open(sys.argv[1], encoding="utf-8"), 1):
    document = xmltodict.parse(line) if line.startswith("<") else json.loads(line)
    record = document["record"]
    sum = zlib.crc32("\n".join(values(record)).encode())
    good += record["@id"] == "p1-%09d" % number and record["@sum"] == "%08x" % sum
print(good)
)";

TEST_CASE_METHOD(GenerateFixture, "a checker that has only the records can verify each of them") {
  write("check.py", kChecker);
  for (const std::string settings :
       {"{ count: 500 }", "{ count: 500, format: json }", "{ count: 500, size: 5KB }",
        "{ count: 500, size: 5KB, format: json }", "{ count: 500, size: 1B }"}) {
    catalog = {};
    std::string lines;
    for (const std::string& record : records(settings)) lines += record + '\n';
    write("records", lines);
    const std::string command = "/usr/bin/python3 " + path("check.py") + ' ' + path("records");
    std::FILE* checker = popen(command.c_str(), "r");
    REQUIRE(checker != nullptr);
    int good = 0;
    CHECK(std::fscanf(checker, "%d", &good) == 1);
    CHECK(pclose(checker) == 0);
    INFO(settings);
    CHECK(good == 500);
  }
}

TEST_CASE_METHOD(GenerateFixture, "from every position the same records are generated") {
  check_every_position(*this, generate_source(), "{ count: 20 }");
}

TEST_CASE_METHOD(GenerateFixture, "catching up is said when no earlier run can have made more") {
  auto first = generate("{ count: 40, rate: 1 }");
  CHECK(first->peek()->state == State::kCaughtUp);
  first->take();
  CHECK(first->peek()->state == State::kDocument);
  CHECK(catalog.rows() == SourceRows{{0, "upto 1 10"}});
  first->take();

  auto again = generate("{ count: 40, rate: 1 }", first->position());
  for (int number = 2; number <= 10; ++number) {
    REQUIRE(again->peek()->state == State::kDocument);
    CHECK(again->peek()->document.origin.record == static_cast<std::uint64_t>(number));
    again->take();
    clock.time += std::chrono::seconds(1);
  }
  CHECK(again->peek()->state == State::kCaughtUp);
}

TEST_CASE_METHOD(GenerateFixture, "records come at the rate, counted from the start of the run") {
  auto source = generate("{ count: 0, rate: 10 }");
  const auto due = [&source] {
    int count = 0;
    while (source->peek()->state != State::kIdle) {
      count += source->peek()->state == State::kDocument ? 1 : 0;
      source->take();
    }
    return count;
  };
  CHECK(due() == 1);
  clock.time += std::chrono::milliseconds(99);
  CHECK(due() == 0);
  clock.time += std::chrono::milliseconds(1);
  CHECK(due() == 1);
  clock.time += std::chrono::seconds(1);
  CHECK(due() == 10);
  clock.time += std::chrono::hours(1);
  source = generate("{ count: 0, rate: 10 }", source->position());
  CHECK(due() == 1);
}

TEST_CASE_METHOD(GenerateFixture, "a larger count goes on where a smaller one ended") {
  auto first = generate("{ count: 2 }");
  read_all(*first);
  const std::vector<Seen> rest = read_all(*generate("{ count: 4 }", first->position()));
  REQUIRE(rest.size() == 4);
  CHECK(rest[0].state == State::kCaughtUp);
  CHECK(rest[1].record == 3);
}

TEST_CASE_METHOD(GenerateFixture, "a position or a row that generate did not write is refused") {
  const std::string cure =
      "; use the version and the source that wrote it, or start over with --fresh";
  for (const std::string position :
       {"lines 1 0 0 0 0", "generate 2 7", "generate 1", "generate 1 7 x"}) {
    auto source = open(generate_source(), "{ count: 2 }", position);
    REQUIRE_FALSE(source.ok());
    CHECK(
        source.error() ==
        corrupt("producer.source.generate: expected the position of a 'generate' source, found '" +
                position + "'" + cure));
  }
  catalog.rows_ = {{0, "file 1 2 3 4 a.xml"}};
  auto source = open(generate_source(), "{ count: 2 }");
  REQUIRE_FALSE(source.ok());
  CHECK(source.error() ==
        corrupt("producer.source.generate: expected a row 'upto 1 NUMBER', found 'file 1 2 3 4 "
                "a.xml'" +
                cure));
}

}  // namespace
}  // namespace docmill::test
