// The names of claims: what they lead to, and how the path behind them is spelled.
#include "producer/files/file_claims.h"
#include "producer/sources/sources.h"
#include "tests/producer/source_fixture.h"

namespace docmill::test {
namespace {

TEST_CASE_METHOD(SourceFixture, "a claim that leads nowhere is refused and not tried for ever") {
  std::filesystem::create_directory(path("claims"));
  auto claims = FileClaims::open(path("claims"), "p1", 7);
  REQUIRE(claims.ok());
  const std::string claim = path("claims/a.txt");
  std::filesystem::create_symlink("/nowhere", claim);
  const auto owner = (*claims)->claim("a.txt");
  REQUIRE_FALSE(owner.ok());
  CHECK(owner.error() ==
        config_error(claim +
                     ": expected a claim, found a symbolic link that leads nowhere; remove it"));
}

TEST_CASE_METHOD(SourceFixture, "claimed files are not read under another spelling of their path") {
  std::filesystem::create_directory(path("claims"));
  write("a.txt", "1\n");
  const std::string more = ", claims: '" + path("claims") + "'}";
  const auto first = open(lines_source(), "{path: '" + path("*.txt") + "'" + more);
  REQUIRE(first.ok());
  CHECK(outline(read_all(**first)) == "^ 1 | $");
  const auto other = open(lines_source(), "{path: '" + path("./*.txt") + "'" + more);
  REQUIRE_FALSE(other.ok());
  CHECK(other.error() ==
        config_error("producer.source.lines.path: " + path("./a.txt") + " was claimed as " +
                     path("a.txt") +
                     ", and claims know a file by the text of its path; write the path as before"));
}

}  // namespace
}  // namespace docmill::test
