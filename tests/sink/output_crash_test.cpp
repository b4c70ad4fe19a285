// The process, or the machine, dies at each single call of an output and its ledger to the disk:
// each group that was acknowledged is there once afterwards, and nothing is there in part.
#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <sstream>

#include "sink/outputs/documents.h"
#include "sink/outputs/json.h"
#include "sink/outputs/ndjson.h"
#include "tests/sink/output_fixture.h"
#include "tests/store/faulty_disk.h"
#include "tests/support/real_disk.h"

namespace docmill::test {
namespace {

struct Disaster {
  const char* name;
  Loss loss;
  unsigned seeds;
};
const std::vector<Disaster> kDisasters = {
    {.name = "kill", .loss = Loss::kNothing, .seeds = 1},
    {.name = "power cut, all unsynced writes lost", .loss = Loss::kUnsynced, .seeds = 1},
    {.name = "power cut, some unsynced writes lost or torn", .loss = Loss::kSome, .seeds = 2},
};

constexpr int kGroups = 6;
constexpr int kInGroup = 3;

// Three of them are more than the segments below hold.
std::string text(int group, int number) {
  return fmt::format("\"{}/{} {}\"", group, number, std::string(400, 'x'));
}

// A sink's life, or a part of it.
struct Life {
  explicit Life(const std::filesystem::path& folder)
      : state(*StateFolder::open(real_disk(), folder / "state", "s1")),
        ledger(*LedgerStore::open(state)) {}

  std::unique_ptr<Output> open(const OutputComponent& component, const std::any& config) {
    auto output = component.open(config, {"s1", ledger, log});
    if (!output) FAIL(output.error().text);
    return std::move(*output);
  }
  void commit(Output& output) {
    REQUIRE(output.sync().ok());
    std::vector<FileMark> marks;
    output.marks(marks);
    REQUIRE(ledger.put(marks).ok());
    REQUIRE(output.settle().ok());
  }

  StateFolder state;
  LedgerStore ledger;
  LinesLog log;
};

std::any settings_of(const OutputComponent& component, std::string yaml,
                     const std::filesystem::path& folder) {
  yaml.replace(yaml.find('@'), 1, folder.string());
  Findings findings;
  const Place place(findings, "test.yaml");
  std::any config = component.schema.parse(*parse_yaml(yaml, place), place);
  REQUIRE(findings.text().empty());
  return config;
}

// What all files of the output say, in the order of their names.
using Contents = std::map<std::string, std::string>;
Contents contents(const std::filesystem::path& folder) {
  Contents found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_directory()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    found[entry.path().filename()] = {std::istreambuf_iterator<char>(file), {}};
  }
  return found;
}

// Two lives with three groups each; the first one ends in order. Whatever the last call was, a
// third life finds the groups, and check looks at its files.
template <typename Check>
void at_every_call(const OutputComponent& component, const std::string& yaml, Check check) {
  int calls = 0;
  for (const Disaster& disaster : kDisasters) {
    for (unsigned seed = 0; seed < disaster.seeds; ++seed) {
      Ended ended{.acknowledged = 0, .crashed = true};
      for (int call = 1; ended.crashed; ++call, ++calls) {
        std::string name = "/dev/shm/docmill-outputs-XXXXXX";
        const std::filesystem::path folder = ::mkdtemp(name.data());
        ended = crash_at(call, disaster.loss, seed, [&](const auto& acknowledge) {
          for (const int begin : {0, kGroups / 2}) {
            Life life(folder);
            auto output = life.open(component, settings_of(component, yaml, folder));
            for (int group = begin; group < begin + kGroups / 2; ++group) {
              for (int i = 0; i < kInGroup; ++i) {
                const auto sequence = static_cast<std::uint64_t>(group);
                output->add({"p1", 1, sequence, static_cast<std::uint32_t>(i), 0},
                            {Format::kJson, text(group, i), {}});
              }
              life.commit(*output);
              acknowledge();
            }
            if (begin == 0 && output->due(Time{}, true)) life.commit(*output);
          }
        });
        FaultyDisk disk;
        disk.skip_syncs();
        INFO(disaster.name << ", seed " << seed << ", call " << call);
        Life life(folder);
        auto output = life.open(component, settings_of(component, yaml, folder));
        output->on_current_ledger();
        REQUIRE(output->sync().ok());
        check(contents(folder / "out"), ended.acknowledged);
        std::filesystem::remove_all(folder);
      }
    }
  }
  CHECK(calls > 100);
}

// All of the first groups, and of at most one more.
void check_groups(const std::vector<std::string>& found, int acknowledged) {
  std::vector<std::string> expected;
  for (int group = 0; group < kGroups; ++group) {
    for (int i = 0; i < kInGroup; ++i) expected.push_back(text(group, i));
  }
  const auto groups = static_cast<int>(found.size()) / kInGroup;
  CHECK(found.size() % kInGroup == 0);
  CHECK((groups == acknowledged || groups == acknowledged + 1));
  expected.resize(std::min(expected.size(), found.size()));
  CHECK(found == expected);
}

TEST_CASE("arrays that rotate hold each group once, whatever call to the disk was the last") {
  at_every_call(json_output(), "{path: '@/out/b.json', rotate: {size: 1KiB}}",
                [](const Contents& files, int acknowledged) {
                  std::vector<std::string> found;
                  for (const auto& [name, bytes] : files) {
                    INFO(name);
                    const bool open = name.ends_with(".open");
                    CHECK((bytes.empty() ? open : bytes.ends_with("\n]\n") != open));
                    std::istringstream lines(bytes);
                    for (std::string line; std::getline(lines, line);) {
                      if (line.ends_with(',')) line.pop_back();
                      if (line != "[" && line != "]") found.push_back(line);
                    }
                  }
                  check_groups(found, acknowledged);
                });
}

TEST_CASE("each document of a group has its file, whatever call to the disk was the last") {
  at_every_call(documents_output(), "path: '@/out/{sequence}-{index}.json'",
                [](const Contents& files, int acknowledged) {
                  std::vector<std::string> found;
                  for (const auto& [name, bytes] : files) found.push_back(bytes);
                  check_groups(found, acknowledged);
                });
}

TEST_CASE("a file of lines holds each group once, whatever call to the disk was the last") {
  at_every_call(ndjson_output(), "path: '@/out/b.ndjson'",
                [](const Contents& files, int acknowledged) {
                  std::vector<std::string> found;
                  std::istringstream lines(files.at("b.ndjson"));
                  for (std::string line; std::getline(lines, line);) found.push_back(line);
                  check_groups(found, acknowledged);
                });
}

}  // namespace
}  // namespace docmill::test
