#include "producer/files/line_file.h"
#include "producer/files/whole_file.h"
#include "producer/sources/sources.h"
#include "tests/document/peak_memory.h"
#include "tests/producer/compress.h"
#include "tests/producer/source_fixture.h"

namespace docmill::test {
namespace {

using State = Source::State;

struct CompressedFixture : SourceFixture {
  std::vector<Seen> read(const SourceComponent& component, const std::string& settings) {
    auto source = open(component, settings);
    INFO((source ? "" : source.error().text));
    REQUIRE(source.ok());
    return read_all(**source);
  }
  std::string all() const { return "path: " + path("*"); }
  std::string split() const { return "{ path: " + path("*") + ", split: /c/b }"; }
  std::string damage(const std::string& name, const std::string& how) const {
    return path(name) + ": the " + how +
           " bytes of content; get the file whole, and give it a new name to have it read";
  }
};

TEST_CASE_METHOD(CompressedFixture, "every way of reading a file gives what it expands to") {
  const std::string text = "<c>\n<b>1</b>\n<b>2</b></c>\n";
  write("a.xml", gzip(text));
  write("b", zstd(text));
  write("c.gz", text);
  CHECK(outline(read(files_source(), all())) == "^ " + text + " " + text + " " + text + " $");
  CHECK(outline(read(files_source(), split())) ==
        "<b>1</b> <b>2</b> | <b>1</b> <b>2</b> | <b>1</b> <b>2</b> | ^ $");
  const std::string lines = "<c> <b>1</b> <b>2</b></c> | ";
  const std::vector<Seen> seen = read(lines_source(), all());
  CHECK(outline(seen) == lines + lines + lines + "^ $");
  CHECK(seen[6] == Seen{State::kDocument, "<b>2</b></c>", "", path("b"), 3, 13, 3, Format::kXml});
}

TEST_CASE_METHOD(CompressedFixture, "members and frames that follow one another are one content") {
  using namespace std::string_literals;
  const std::string skippable = "\x5A\x2A\x4D\x18\x03\x00\x00\x00xyz"s;
  write("a", gzip("1\n2") + gzip("") + gzip("3\n4\n") + std::string(100'000, '\0'));
  write("b", skippable + zstd("1\n2") + skippable + zstd("") + zstd("3\n4\n"));
  CHECK(outline(read(lines_source(), all())) == "^ 1 23 4 | 1 23 4 | $");
}

TEST_CASE_METHOD(CompressedFixture, "of damaged data what precedes comes, then one dead letter") {
  struct Case {
    std::string bytes;
    std::string outline;
    Seen dead;
  };
  const auto dead = [this](std::string bytes, std::uint64_t record, std::uint64_t offset,
                           const std::string& how) {
    return Seen{State::kDead, std::move(bytes), damage("a", how), path("a"),
                record,       offset,           record,           Format::kText};
  };
  std::string wrong_sum = gzip("1\n2\n3");
  wrong_sum[wrong_sum.size() - 8] ^= 1;
  std::string wrong_hash = zstd("1\n2\n3");
  wrong_hash.back() ^= 1;
  const std::vector<Case> cases = {
      {.bytes = gzip("1\n2\n3").substr(0, 20),
       .outline = "^ 1 2 ! | $",
       .dead = dead("3", 3, 4, "gzip data breaks off at byte 20, after 5")},
      {.bytes = wrong_sum,
       .outline = "^ 1 2 ! | $",
       .dead = dead("3", 3, 4, "gzip data is damaged (incorrect data check) at byte 21, after 5")},
      {.bytes = gzip("1\n2") + "rubbish",
       .outline = "^ 1 ! | $",
       .dead =
           dead("2", 2, 2, "gzip data is damaged (incorrect header check) at byte 23, after 3")},
      {.bytes = zstd("1\n2\n3").substr(0, 15),
       .outline = "^ 1 2 ! | $",
       .dead = dead("3", 3, 4, "zstd data breaks off at byte 15, after 5")},
      {.bytes = wrong_hash,
       .outline = "^ 1 2 ! | $",
       .dead = dead("3", 3, 4,
                    "zstd data is damaged (restored data doesn't match checksum) at byte 14, "
                    "after 5")},
      {.bytes = zstd("1\n2") + "rubbish",
       .outline = "^ 1 ! | $",
       .dead = dead("2", 2, 2,
                    "zstd data is damaged (unknown frame descriptor) at byte 16, after "
                    "3")},
  };
  for (const Case& c : cases) {
    catalog = {};
    write("a", c.bytes);
    const std::vector<Seen> seen = read(lines_source(), all());
    REQUIRE(outline(seen) == c.outline);
    CHECK(seen[seen.size() - 3] == c.dead);
    check_every_position(*this, lines_source(), all());
  }
}

TEST_CASE_METHOD(CompressedFixture, "a record that the damage interrupts is told with its place") {
  std::string text = "<c><b>1</b>\n<b>";
  for (int i = 0; i < 100; ++i) text += std::to_string(i * i * i);
  const std::string packed = gzip(text + "</b></c>");
  write("a", packed.substr(0, packed.size() - 60));
  const std::vector<Seen> seen = read(files_source(), split());
  REQUIRE(outline(seen) == "^ <b>1</b> ! | $");
  CHECK(seen[2].bytes.starts_with("<b>018276"));
  CHECK(seen[2].offset == 12);
  CHECK(seen[2].line == 2);
  CHECK(seen[2].reason.starts_with(path("a") + ": the gzip data breaks off at byte "));
  check_every_position(*this, files_source(), split());
}

TEST_CASE_METHOD(CompressedFixture, "wherever compressed data is cut off, no record is invented") {
  std::string text = "<c>";
  for (int i = 0; i < 40; ++i) text += "<b>" + std::to_string(i * i * i) + "</b>";
  text += "</c>";
  for (const std::string& packed : {gzip(text), zstd(text)}) {
    for (std::size_t size = kCompressionMark; size < packed.size(); ++size) {
      INFO(size << " bytes of " << packed.size());
      catalog = {};
      write("a", packed.substr(0, size));
      const std::vector<Seen> seen = read(files_source(), split());
      REQUIRE(seen.size() >= 4);
      const Seen& last = seen[seen.size() - 3];
      CHECK(last.state == State::kDead);
      CHECK(last.reason.find("data breaks off at byte") != std::string::npos);
      for (std::size_t i = 1; i + 3 < seen.size(); ++i) {
        const std::size_t n = i - 1;
        CHECK(seen[i].bytes == "<b>" + std::to_string(n * n * n) + "</b>");
      }
    }
  }
}

TEST_CASE_METHOD(CompressedFixture, "a whole file that is damaged is a dead letter") {
  write("a", gzip("<a/>").substr(0, 15));
  const std::vector<Seen> seen = read(files_source(), all());
  REQUIRE(outline(seen) == "^ ! $");
  CHECK(seen[1].reason.starts_with(path("a") + ": the gzip data breaks off at byte 15, after "));
}

TEST_CASE_METHOD(CompressedFixture, "a bomb takes no memory, whole, split or by lines") {
  constexpr std::size_t kExpanded = 64 << 20;
  limits.document = Bytes{1 << 20};
  for (auto pack : {gzip, zstd}) {
    catalog = {};
    write("a", pack("<c><b>" + std::string(kExpanded, 'x') + "</b><b>1</b></c>"));
    const PeakMemory peak;
    const std::vector<Seen> whole = read(files_source(), all());
    const std::vector<Seen> records = read(files_source(), split());
    const std::vector<Seen> lines = read(lines_source(), all());
    CHECK(peak.grown() < 16 << 20);
    REQUIRE(outline(whole) == "^ ! $");
    const std::string content = "<c><b>" + std::string(kExpanded, 'x') + "</b><b>1</b></c>";
    CHECK(whole[1].reason ==
          "larger than limits.document of 1MiB when decompressed; raise the limit" +
              whereabouts(64 << 10, 0, 1 << 20, 1 << 20, hash64(content.substr(0, 1 << 20))));
    CHECK(whole[1].bytes.size() == 64 << 10);
    REQUIRE(outline(records) == "! <b>1</b> | ^ $");
    REQUIRE(outline(lines) == "! | ^ $");
    CHECK(lines[0].reason == oversize(content, 0, limits.document));
    CHECK(records[0].reason ==
          oversize("<b>" + std::string(kExpanded, 'x') + "</b>", 3, limits.document));
  }
}

// Between two calls the producer hears acks, heartbeats and signals.
TEST_CASE_METHOD(CompressedFixture, "no call reads more than its budget, whatever it looks for") {
  const std::string gap(64 << 20, ' ');
  const std::string records = "<c><b>1</b>" + gap + "<b>2</b></c>";
  const std::string items = "[1," + gap + "2]";
  const std::string rest = "<c><b>1</b><b>" + gap + "</c>";
  limits.document = Bytes{1 << 20};
  struct Case {
    const char* name;
    std::string content;
    const SourceComponent component;
    std::string settings;
    std::string outline;
  };
  const std::string at = "path: '" + path("a") + "'";
  const std::vector<Case> cases = {
      {"a long line", gzip("1\n" + gap + "\n2\n"), lines_source(), at, "1 ! 2 | ^ $"},
      {"empty lines", std::string(64 << 20, '\n') + "1\n", lines_source(), at, "1 | ^ $"},
      {"padding", gzip("1\n") + std::string(64 << 20, '\0'), lines_source(), at, "1 | ^ $"},
      {"a gap in XML", gzip(records), files_source(), "{" + at + ", split: /c/b}",
       "<b>1</b> <b>2</b> | ^ $"},
      {"a gap in JSON", items, files_source(), "{" + at + ", split: ''}", "1 2 | ^ $"},
      {"a broken file", gzip(rest), files_source(), "{" + at + ", split: /c/b}",
       "<b>1</b> ! | ^ $"},
      {"a whole file", gap + "1", files_source(), at, "! ^ $"}};
  for (const Case& one : cases) {
    INFO(one.name);
    catalog = {};
    write("a", one.content);
    auto first = open(one.component, one.settings);
    REQUIRE(first.ok());
    REQUIRE((*first)->peek()->state == State::kCaughtUp);
    (*first)->take();
    REQUIRE((*first)->peek().ok());  // the file is known
    std::vector<std::string> positions;
    std::size_t busy = 0;
    auto source = open(one.component, one.settings);
    REQUIRE(source.ok());
    const std::vector<Seen> all = read_all(**source, &positions, &busy);
    CHECK(busy >= 5);
    std::string text = outline(all);
    CHECK(text == one.outline);
    // The same follows from where a run ended, in steps as well.
    auto again = open(one.component, one.settings, positions.front());
    REQUIRE(again.ok());
    CHECK(read_all(**again) == std::vector<Seen>(all.begin() + 1, all.end()));
  }
}

TEST_CASE_METHOD(CompressedFixture, "from every position the rest of a compressed file follows") {
  std::string text = "<c>\n";
  for (int i = 0; i < 9; ++i) text += "<b>" + std::to_string(i) + "</b>\n";
  text += "</c>";
  for (const std::string& packed : {gzip(text), zstd(text)}) {
    catalog = {};
    write("a", packed);
    write("b", text);
    check_every_position(*this, lines_source(), all());
    check_every_position(*this, files_source(), split());
    check_every_position(*this, files_source(), all());
  }
}

TEST_CASE_METHOD(CompressedFixture, "what a file was when it was first seen is kept") {
  write("a", gzip("1\n"));
  read(lines_source(), all());
  REQUIRE(catalog.rows_.size() == 1);
  CHECK(catalog.rows_[0].starts_with("file 2 "));
  CHECK(catalog.rows_[0].ends_with(" gzip " + path("a")));
  write("a", "1\n");
  const std::vector<Seen> now_plain = read(lines_source(), all());
  REQUIRE(outline(now_plain) == "! | ^ $");
  CHECK(now_plain[0].reason ==
        damage("a", "gzip data is damaged (incorrect header check) at byte 0, after 0"));

  // Seen before compressed files were expanded: it stays as it was delivered then.
  write("a", gzip("1\n"));
  catalog.rows_ = {{0, "file 1 " + std::to_string(gzip("1\n").size()) + " 1 1 " + path("a")}};
  CHECK(read(files_source(), all())[0].bytes == gzip("1\n"));

  catalog.rows_ = {{0, "file 2 7 1 1 lzma " + path("a")}};
  auto source = open(lines_source(), all());
  REQUIRE_FALSE(source.ok());
  CHECK(source.error() ==
        corrupt("producer.source.lines: the list of files seen has the row 'file 2 7 1 1 lzma " +
                path("a") +
                "', which this version does not understand; use the version that wrote it, or "
                "start over with --fresh"));
}

TEST_CASE_METHOD(CompressedFixture, "a compressed file counts the same whatever becomes of it") {
  write("a", gzip("<a/>"));
  for (const bool gone : {false, true}) {
    if (gone) std::filesystem::remove(path("a"));
    auto source = open(files_source(), all());
    REQUIRE(source.ok());
    if (!gone) {
      REQUIRE((*source)->peek()->state == State::kCaughtUp);
      (*source)->take();
    }
    CHECK((*source)->peek()->state == (gone ? State::kDead : State::kDocument));
    CHECK((*source)->peek()->size == 64 << 20);
  }
}

}  // namespace
}  // namespace docmill::test
