#include "producer/follow/file_copies.h"

#include <fcntl.h>

#include "tests/producer/source_fixture.h"

namespace docmill::test {
namespace {

// A file system that tells no creation time gives the time of the last write in its place.
struct BirthlessFixture : SourceFixture {
  FileDescriptor opened(const std::string& name) const {
    FileDescriptor file(::open(path(name).c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(file.open());
    return file;
  }
  FileTrace identity(const std::string& name) const {
    auto found = identity_of(opened(name).number());
    REQUIRE(found);
    found->has_birth = false;
    return *found;
  }
  Likeness likeness(const std::string& name, const FileTrace& known) {
    const auto found = likeness_of(real_disk(), opened(name).number(), identity(name), {{known}},
                                   {{path(name), identity(name)}});
    REQUIRE(found.ok());
    return *found;
  }
  // All of it was read.
  FileTrace left(const std::string& name) const {
    auto trace = whole_trace(opened(name).number(), identity(name));
    REQUIRE(trace.ok());
    trace->left = true;
    trace->born -= 1;  // it was written to since
    return *trace;
  }
};

TEST_CASE_METHOD(BirthlessFixture,
                 "without a creation time a short file is known by its inode and content") {
  write("a", "1\n2\n");
  const FileTrace known = left("a");
  Likeness found = likeness("a", known);
  CHECK(found.kind == Likeness::Kind::kMoved);
  CHECK_FALSE(found.has_more);
  write("a", "1\n2\n3\n");
  found = likeness("a", known);
  CHECK(found.kind == Likeness::Kind::kMoved);
  CHECK(found.has_more);
  write("a", "1\n3\n");
  CHECK(likeness("a", known).kind == Likeness::Kind::kNone);
  write("b", "1\n2\n");
  CHECK(likeness("b", known).kind == Likeness::Kind::kNone);
}

TEST_CASE_METHOD(BirthlessFixture, "of several files that are gone the longest is found again") {
  write("kept", std::string(600, 'x') + "\n");
  const FileTrace shorter = left("kept");
  write("a", std::string(600, 'x') + "\n2\n");
  const FileTrace longer = left("a");
  write("b", std::string(600, 'x') + "\n2\n3\n");
  const std::vector<std::vector<Original>> orders = {{{shorter}, {longer}}, {{longer}, {shorter}}};
  for (const auto& known : orders) {
    const auto found = likeness_of(real_disk(), opened("b").number(), identity("b"), known, {});
    REQUIRE(found.ok());
    CHECK(found->kind == Likeness::Kind::kMoved);
    CHECK(found->original.offset == longer.offset);
    CHECK(found->has_more);
  }
}

}  // namespace
}  // namespace docmill::test
