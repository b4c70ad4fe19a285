#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <regex>
#include <string>

#include "shared/base/log.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

// What `write` puts on standard error: the descriptor leads to a file while it runs.
template <typename Write>
std::string standard_error_of(Write write) {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  std::fflush(stderr);
  const int kept = dup(STDERR_FILENO);
  dup2(fileno(file), STDERR_FILENO);
  write();
  std::fflush(stderr);
  dup2(kept, STDERR_FILENO);
  close(kept);

  std::string text(static_cast<std::size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

TEST_CASE("a line of the log is time, level, node and text, and stays one line") {
  const std::string text = standard_error_of([] {
    StderrLog log("p1", LogLevel::kInfo);
    log.info("document said \"{}\"", "a\n2026-11-22T02:25:44.123Z error p1 forged {}");
  });
  const std::regex line(
      R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info p1 )"
      R"(document said "a\\x0a2026-11-22T02:25:44\.123Z error p1 forged \{\}"\n)");
  INFO(text);
  CHECK(std::regex_match(text, line));
}

TEST_CASE("lines below the least level are dropped, the others are out at once") {
  StderrLog log("s1", LogLevel::kWarn);
  CHECK(standard_error_of([&] { log.debug("x"); }).empty());
  CHECK(standard_error_of([&] { log.info("x"); }).empty());
  CHECK(standard_error_of([&] { log.warn("x"); }).find(" warning s1 x\n") != std::string::npos);
  CHECK(standard_error_of([&] { log.error("x"); }).find(" error s1 x\n") != std::string::npos);
}

}  // namespace
}  // namespace docmill
