// Several producers that share a folder, shown with `lines`.
#include "producer/files/file_claims.h"

#include <fmt/format.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <sstream>

#include "producer/sources/sources.h"
#include "tests/producer/source_fixture.h"

namespace docmill::test {
namespace {

class EndingCatalog final : public SourceCatalog {
 public:
  const SourceRows& rows() const override { return rows_; }
  Result<void> append(const std::vector<std::string>&) override { return unavailable("killed"); }
  Result<void> rewrite(const SourceRows&) override { return unavailable("killed"); }

 private:
  SourceRows rows_;
};

// Behind the word that all is caught up.
Source::Next first_document(Source& source) {
  REQUIRE(source.peek()->state == Source::State::kCaughtUp);
  source.take();
  const auto next = source.peek();
  REQUIRE(next.ok());
  return *next;
}

struct ClaimsFixture : SourceFixture {
  ClaimsFixture() { std::filesystem::create_directory(path("claims")); }

  std::string settings(const std::string& claims = "claims") const {
    return "{ path: \"" + path("*.txt") + "\"" +
           (claims.empty() ? "" : ", claims: \"" + path(claims) + "\"") + " }";
  }
  Result<std::unique_ptr<Source>> open_as(const std::string& name, SourceCatalog& rows,
                                          const std::string& yaml) {
    Findings findings;
    const Place place(findings, "settings");
    const SourceComponent component = lines_source();
    const std::any parsed = component.schema.parse(*parse_yaml(yaml, place), place);
    if (!findings.empty()) return config_error(findings.text());
    return component.open(parsed, {name, "", limits, reading, rows, clock, log, epoch});
  }
  std::unique_ptr<Source> lines(const std::string& name, const std::string& claims = "claims") {
    auto source = open_as(name, catalogs[name], settings(claims));
    INFO((source ? "" : source.error().text));
    REQUIRE(source.ok());
    return std::move(*source);
  }
  std::string read(const std::string& name, const std::string& claims = "claims") {
    return outline(read_all(*lines(name, claims)));
  }
  // Why it is refused, or ends.
  Error refused(const std::string& name, const std::string& claims = "claims") {
    auto source = open_as(name, catalogs[name], settings(claims));
    if (!source) return source.error();
    REQUIRE((*source)->peek().ok());
    (*source)->take();
    const auto next = (*source)->peek();
    REQUIRE_FALSE(next.ok());
    return next.error();
  }

  std::string claim_path(const std::string& name) const {
    return path("claims/") + FileClaims::name_of(path(name));
  }
  std::string claim_text(const std::string& name) const {
    std::ostringstream bytes;
    bytes << std::ifstream(claim_path(name), std::ios::binary).rdbuf();
    return bytes.str();
  }
  void write_claim(const std::string& name, std::string_view text) const {
    std::filesystem::remove(claim_path(name));
    std::ofstream(claim_path(name), std::ios::binary) << text;
  }

  std::map<std::string, MemoryCatalog> catalogs;
};

TEST_CASE_METHOD(ClaimsFixture, "a file that a producer has claimed is left to it by the others") {
  write("a.txt", "a\n");
  write("b.txt", "b\n");
  CHECK(read("p1") == "^ a | b | $");
  CHECK(log.lines.empty());
  CHECK(claim_text("a.txt") == "claim 1 p1 0000000000000007\n");
  write("c.txt", "c\n");
  CHECK(read("p2") == "^ c | $");
  CHECK(log.lines == std::vector<std::string>{"2 files of " + path("*.txt") + " are left to p1"});
  CHECK(claim_text("c.txt") == "claim 1 p2 0000000000000007\n");
  CHECK(read("p1") == "a | b | ^ $");
  CHECK(log.lines.back() == "1 file of " + path("*.txt") + " is left to p2");
  CHECK_FALSE(std::filesystem::exists(path("claims/.p1.claimant")));
}

TEST_CASE_METHOD(ClaimsFixture, "producers that read at the same time each get a part") {
  for (int i = 0; i < 200; ++i) write(fmt::format("{:03}.txt", i), fmt::format("{}\n", i));
  auto first = lines("p1");
  CHECK(first_document(*first).document.bytes == "0");
  CHECK(catalogs["p1"].rows().size() == 64);
  const std::vector<Seen> rest = read_all(*lines("p2"));
  CHECK(rest[1].bytes == "64");
  CHECK(catalogs["p2"].rows().size() == 200 - 64);
  read_all(*first);
  CHECK(catalogs["p1"].rows().size() == 64);
}

TEST_CASE_METHOD(ClaimsFixture, "of large files a producer claims no more than one ahead") {
  for (const char* name : {"a.txt", "b.txt", "c.txt"}) write(name, std::string(1 << 20, 'x'));
  auto first = lines("p1");
  first_document(*first);
  CHECK(catalogs["p1"].rows().size() == 1);
}

TEST_CASE_METHOD(ClaimsFixture,
                 "a producer that ended before it wrote its claims down reads them") {
  write("a.txt", "a\n");
  EndingCatalog ending;
  auto source = open_as("p1", ending, settings());
  REQUIRE((*source)->peek().ok());
  (*source)->take();
  CHECK((*source)->peek().error() == unavailable("producer.source.lines.path: killed"));
  CHECK(read("p2") == "^ $");
  CHECK(read("p1") == "^ a | $");
}

TEST_CASE_METHOD(ClaimsFixture,
                 "a retired producer reads all that it has claimed and no other file") {
  for (int i = 0; i < 200; ++i) write(fmt::format("{:03}.txt", i), fmt::format("{}\n", i));
  auto retired = lines("p1");
  first_document(*retired);
  CHECK(retired->drain());
  CHECK_FALSE(lines("p3", "")->drain());
  const std::vector<Seen> all = read_all(*retired);
  CHECK(std::count_if(all.begin(), all.end(), [](const Seen& seen) {
          return seen.state == Source::State::kDocument;
        }) == 64);
  CHECK(all.back().state == Source::State::kEnded);
  CHECK(catalogs["p1"].rows().size() == 64);
  read_all(*lines("p2"));
  CHECK(catalogs["p2"].rows().size() == 200 - 64);
}

TEST_CASE_METHOD(ClaimsFixture,
                 "a retired producer that ended before it wrote its claims down reads them") {
  write("a.txt", "a\n");
  {
    EndingCatalog ending;
    auto source = open_as("p1", ending, settings());
    REQUIRE((*source)->peek().ok());
    (*source)->take();
    REQUIRE_FALSE((*source)->peek().ok());
  }
  write("b.txt", "b\n");
  auto retired = lines("p1");
  CHECK(retired->drain());
  CHECK(outline(read_all(*retired)) == "^ a | $");
  CHECK(read("p2") == "^ b | $");
}

TEST_CASE_METHOD(ClaimsFixture, "what was read before there were claims is claimed at the start") {
  write("a.txt", "a\n");
  CHECK(read("p1", "") == "^ a | $");
  auto first = lines("p1");
  CHECK(read("p2") == "^ $");
  std::filesystem::remove(claim_path("a.txt"));
  write("a.txt", "a\n");
  CHECK(read("p2") == "^ a | $");
  CHECK(refused("p1") == corrupt("producer.source.lines.claims: " + path("a.txt") +
                                 " was read here, but p2 has claimed it since; stop that one, and "
                                 "start over with --fresh"));
}

TEST_CASE_METHOD(ClaimsFixture, "state that was begun anew takes over the claims of its name") {
  write("a.txt", "a\n");
  write("b.txt", "b\n");
  write_claim("b.txt", "claim 1 p2 0000000000000001\n");
  CHECK(read("p1") == "^ a | $");
  catalogs.clear();
  epoch = 8;
  CHECK(read("p1") == "^ a | $");
  CHECK(claim_text("a.txt") == "claim 1 p1 0000000000000008\n");
  CHECK(claim_text("b.txt") == "claim 1 p2 0000000000000001\n");
  catalogs.clear();
  epoch = 7;
  CHECK(refused("p1") == corrupt("producer.source.lines.claims: " + claim_path("a.txt") +
                                 ": is of epoch 0000000000000008 of p1, which began after this "
                                 "one, 0000000000000007; put the newer state folder back"));
}

TEST_CASE_METHOD(ClaimsFixture, "what is not a claim is refused, and left as it is") {
  write("a.txt", "a\n");
  struct Case {
    std::string text;
    std::string found;
  };
  const std::vector<Case> cases = {
      {.text = "", .found = ""},
      {.text = "claim 1 p1 0000000000000007", .found = "claim 1 p1 0000000000000007"},
      {.text = "claim 2 p1 0000000000000007\n", .found = "claim 2 p1 0000000000000007"},
      {.text = "claim 1 p1 7\n", .found = "claim 1 p1 7"},
      {.text = "claim 1  0000000000000007\n", .found = "claim 1  0000000000000007"},
      {.text = "claim 1 p1 000000000000000x\n", .found = "claim 1 p1 000000000000000x"},
      {.text = "mine\nreally\n", .found = "mine"},
      {.text = std::string(300, 'x'), .found = std::string(40, 'x')},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    write_claim("a.txt", c.text);
    CHECK(refused("p1") ==
          corrupt("producer.source.lines.claims: " + claim_path("a.txt") +
                  ": expected 'claim 1 PRODUCER EPOCH', found '" + c.found +
                  "'; remove it if no producer has read that file, or put the right one back"));
    CHECK(claim_text("a.txt") == c.text);
  }
}

TEST_CASE_METHOD(ClaimsFixture, "a folder that cannot hold claims is refused with the cure") {
  write("a.txt", "a\n");
  const std::string key = "producer.source.lines.claims: ";
  CHECK(refused("p1", "none") ==
        config_error(key + path("none") +
                     ": no such folder; make it on a disk that every producer sees: mkdir " +
                     path("none")));
  CHECK(refused("p1", ".") == config_error(key + path(".") + ": holds the file " + path("a.txt") +
                                           ", too; name a folder that holds only the claims"));
  CHECK(open_as("p1", catalogs["p1"], settings("claims-of-{producer}")).error().text ==
        "settings:1: claims: must be one folder for all producers, got '" +
            path("claims-of-{producer}") + "'\n");
  std::filesystem::permissions(folder, std::filesystem::perms::all);
  std::filesystem::permissions(path("claims"), std::filesystem::perms::owner_read);
  setfsuid(geteuid() == 0 ? 65534 : geteuid());
  const Error error = refused("p1");
  setfsuid(geteuid());
  std::filesystem::permissions(path("claims"), std::filesystem::perms::owner_all);
  CHECK(error == config_error(key + path("claims") +
                              ": make a file: permission denied; let this user write there, and "
                              "have it on a disk that knows hard links"));
}

TEST_CASE_METHOD(ClaimsFixture, "a file that is gone when it is claimed can be claimed again") {
  for (int i = 0; i < 65; ++i) write(fmt::format("{:03}.txt", i), "x\n");
  auto source = lines("p1");
  first_document(*source);  // the list has all 65 now, and 64 are claimed
  std::filesystem::remove(path("064.txt"));
  read_all(*source);
  CHECK_FALSE(std::filesystem::exists(claim_path("064.txt")));
  write("064.txt", "again\n");
  CHECK(read("p2") == "^ again | $");
}

TEST_CASE("the name of a claim says the path, and no two paths have the same") {
  CHECK(FileClaims::name_of("in/a-1_B.xml") == "in%2fa-1_B.xml");
  CHECK(FileClaims::name_of("../a%2f~\n") == "%2e.%2fa%252f%7e%0a");
  const std::string whole(200, 'x');
  CHECK(FileClaims::name_of(whole) == whole);
  const std::string cut = FileClaims::name_of(whole + "y");
  CHECK(cut.substr(0, 201) == whole + "~");
  CHECK(cut.size() == 217);
  CHECK(cut != FileClaims::name_of(whole + "z"));
}

TEST_CASE_METHOD(ClaimsFixture, "a producer can have more claims than a file can have names") {
  auto claims = FileClaims::open(path("claims"), "p1", 1);
  REQUIRE(claims.ok());
  int failed = 0;
  for (int i = 0; i < 65'100; ++i) {  // ext4 has 65,000
    const auto owner = (*claims)->claim(fmt::format("in/{}", i));
    failed += owner && *owner == "p1" ? 0 : 1;
  }
  CHECK(failed == 0);
  CHECK((*claims)->sync().ok());
}

}  // namespace
}  // namespace docmill::test
