// Folders of `documents` that somebody removes or moves away while the sink runs.
#include "sink/outputs/documents.h"
#include "tests/sink/output_fixture.h"

namespace docmill::test {
namespace {

struct MovedFixture : OutputFixture {
  MovedFixture() { output = open(documents_output(), "path: '@/docs/{producer}/{index}.json'"); }
  void put() { output->add({"p1", 1, 5, index++, 0}, {Format::kJson, "1", {}}); }
  void write() {
    put();
    commit(*output);
  }
  Names documents() const {
    Names all = names("docs");
    std::erase_if(all, [](const std::string& name) { return name.starts_with(".docmill-s1"); });
    return all;
  }

  std::unique_ptr<Output> output;
  std::uint32_t index = 0;
};

TEST_CASE_METHOD(MovedFixture, "a folder that was removed is made again") {
  write();
  std::filesystem::remove_all(folder / "docs/p1");
  write();
  CHECK(documents() == Names{"p1/1.json"});
  put();
  commit_without_settling(*output);
  std::filesystem::remove_all(folder / "docs/p1");
  CHECK(output->settle().ok());
  CHECK(documents() == Names{"p1/2.json"});
}

TEST_CASE_METHOD(MovedFixture, "a folder that was moved away gets no more documents") {
  write();
  std::filesystem::rename(folder / "docs/p1", folder / "archive");
  write();
  write();
  CHECK(names("archive") == Names{"0.json"});
  CHECK(documents() == Names{"p1/1.json", "p1/2.json"});
}

TEST_CASE_METHOD(MovedFixture, "all folders are made again while they are empty") {
  std::filesystem::remove_all(folder / "docs");
  write();
  CHECK(documents() == Names{"p1/0.json"});
}

TEST_CASE_METHOD(MovedFixture,
                 "an output whose whole folder was moved says so and writes nothing") {
  write();
  std::filesystem::rename(folder / "docs", folder / "archive");
  put();
  const auto refused = output->sync();
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error() ==
        corrupt((folder / "docs/.docmill-s1").string() +
                ": expected the folder that this sink opened, found that it was moved or removed; "
                "put the whole folder back, or start over with --fresh"));
  CHECK(names("archive") == Names{".docmill-s1/0000000000000000.names", "p1/0.json"});
}

}  // namespace
}  // namespace docmill::test
