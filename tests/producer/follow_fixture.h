// What the tests of the follow source share: a file that is appended to, renamed, copied and cut.
#pragma once

#include <chrono>
#include <fstream>
#include <string>

#include "tests/producer/source_fixture.h"

namespace docmill::test {

struct FollowFixture : SourceFixture {
  FollowFixture() { clock.time += std::chrono::hours(1); }

  std::unique_ptr<Source> follow(const std::string& position = "") {
    return follow_path(path("a.log"), position);
  }
  std::unique_ptr<Source> follow_path(const std::string& followed,
                                      const std::string& position = "") {
    auto source = open(follow_source(), "path: " + followed, position);
    INFO((source ? "" : source.error().text));
    REQUIRE(source.ok());
    return std::move(*source);
  }
  void append(const std::string& text, const std::string& name = "a.log") const {
    std::ofstream(path(name), std::ios::binary | std::ios::app) << text;
  }
  void rename(const std::string& from, const std::string& to) const {
    std::filesystem::rename(path(from), path(to));
  }
  void copy(const std::string& from, const std::string& to) const {
    std::filesystem::copy_file(path(from), path(to));
  }
  // As logrotate does it, the older copies first.
  void copy_and_cut(const std::string& written_meanwhile = "") const {
    for (int number = 9; number > 0; --number) {
      const std::string name = "a.log." + std::to_string(number);
      if (std::filesystem::exists(path(name))) rename(name, "a.log." + std::to_string(number + 1));
    }
    copy("a.log", "a.log.1");
    append(written_meanwhile);
    std::filesystem::resize_file(path("a.log"), 0);
  }
  // What comes when it is looked at again.
  std::string seen_now(Source& source) {
    clock.time += std::chrono::milliseconds(200);
    const Result<void> done = source.serve();
    INFO((done ? "" : done.error().text));
    REQUIRE(done.ok());
    return outline(read_all(source));
  }
};

}  // namespace docmill::test
