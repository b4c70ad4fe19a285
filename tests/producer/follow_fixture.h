// What the tests of the follow source share: a file that is appended to, renamed, copied and cut.
#pragma once

#include <chrono>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <vector>

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
  // a.log on a disk other than the real one.
  Result<std::unique_ptr<Source>> open_on(Disk& disk, const std::string& position) {
    Findings findings;
    const Place place(findings, "settings");
    const SourceComponent component = follow_source();
    const auto node = parse_yaml("path: " + path("a.log"), place);
    SourceContext with_disk = context(position);
    with_disk.disk = &disk;
    return component.open(component.schema.parse(*node, place), with_disk);
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

// Reads a source of the fixture in rounds, with random crashes. Documents settled before a crash
// come once; the others come again.
class CrashingReader {
 public:
  explicit CrashingReader(FollowFixture& fixture) : source(fixture.follow()), fixture_(fixture) {}

  void read(std::mt19937& random) {
    std::vector<std::string> positions;
    const std::vector<Seen> all = read_all(*source, &positions);
    // All, or a part of it, is settled before the crash.
    const bool crash = random() % 6 == 0;
    const std::size_t upto = crash ? random() % (positions.size() + 1) : positions.size();
    for (std::size_t i = 0; i < upto; ++i) {
      keep(all[i]);
      position_ = positions[i];
    }
    if (upto > 0 && random() % 2 == 0) REQUIRE(source->settled(position_).ok());
    if (!crash) return;
    source.reset();
    source = fixture_.follow(position_);
  }
  void read_rest(int rounds) {
    for (int i = 0; i < rounds; ++i) {
      fixture_.clock.time += std::chrono::seconds(1);
      REQUIRE(source->serve().ok());
      for (const Seen& one : read_all(*source)) keep(one);
    }
  }

  std::unique_ptr<Source> source;
  std::vector<int> lines;  // that came, as numbers

 private:
  void keep(const Seen& one) {
    if (is_document(one)) lines.push_back(std::stoi(one.bytes));
  }

  FollowFixture& fixture_;
  std::string position_;
};

}  // namespace docmill::test
