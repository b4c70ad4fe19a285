// `when_done` beside what else there is: folders, users, claims, other paths, other settings.
#include "producer/files/when_done.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "producer/files/file_move.h"
#include "tests/producer/done_fixture.h"

namespace docmill::test {
namespace {

TEST_CASE_METHOD(DoneFixture,
                 "files that cannot leave stay with one warning until the next start") {
  write("in/a.txt", "a");
  write("in/b.txt", "b");
  std::filesystem::permissions(folder, std::filesystem::perms::all);
  auto source = files(move());
  read_all(*source);
  const std::string position = source->position();
  const auto let = [&](std::filesystem::perms allowed) {
    for (const char* name : {"in", "done"}) std::filesystem::permissions(path(name), allowed);
  };
  let(std::filesystem::perms(0555));
  setfsuid(geteuid() == 0 ? 65534 : geteuid());
  settle(*source, position);
  setfsuid(geteuid());
  let(std::filesystem::perms::all);
  CHECK(names("in") == "a.txt b.txt");
  CHECK(log.lines ==
        std::vector<std::string>{
            "producer.source.files.when_done: " + path("in/a.txt") + ": move to " + path("done") +
            ": permission denied; let this user write in both folders, on one file system; files "
            "that are done stay, and leave at the next start"});
  settle(*source, position);
  CHECK(names("in") == "a.txt b.txt");
  source = files(move(), position);
  settle(*source, position);
  CHECK(outline(read_all(*source)) == "^ $");
  CHECK(names("in").empty());
  CHECK(names("done") == "a.txt b.txt");
  CHECK(log.lines.size() == 1);
}

TEST_CASE_METHOD(DoneFixture, "where files leave, none at the start is said and no mistake") {
  CHECK(outline(read_all(*files("when_done: delete"))) == "^ $");
  CHECK(log.lines == std::vector<std::string>{
                         "producer.source.files.path: " + path("in") +
                         "/*.txt matches no file; give a path that exists, or put the first file "
                         "there before the start"});
}

TEST_CASE_METHOD(DoneFixture, "a folder that is made anew keeps nothing from going on") {
  write("in/a.txt", "a");
  auto source = files(move());
  read_all(*source);
  std::filesystem::remove_all(path("done"));
  std::filesystem::remove_all(path("in"));
  std::filesystem::create_directory(path("in"));
  settle(*source, source->position());
  CHECK(log.lines.empty());
  CHECK(catalog.rows() == SourceRows{{0, ""}});
}

TEST_CASE_METHOD(DoneFixture, "a claim ends when its file has left, and another producer's stays") {
  const std::string shared = "claims: '" + path("claims") + "', " + move();
  write("in/a.txt", "a");
  auto source = files(shared);
  CHECK(outline(read_all(*source)) == "^ a $");
  const std::string position = source->position();
  CHECK(names("claims").find("a.txt") != std::string::npos);
  settle(*source, position);
  CHECK(names("claims") == ".p1.claimant");
  source.reset();

  // p1 was killed when the claim was given back and its row not forgotten; p2 has the new file.
  const std::string row = [&] {
    struct stat facts {};
    stat(path("done/a.txt").c_str(), &facts);
    return fmt::format("done 1 {} {} {} {}", facts.st_size, facts.st_ino,
                       facts.st_mtim.tv_sec * 1'000'000'000LL + facts.st_mtim.tv_nsec,
                       path("in/a.txt"));
  }();
  catalog.rows_ = {{0, row}};
  write("in/a.txt", "again");
  MemoryCatalog others;
  producer = "p2";
  auto second = open_on(others, settings(shared));
  CHECK(outline(read_all(**second)) == "^ again $");
  producer = "p1";
  auto first = files(shared, position);
  settle(*first, position);
  CHECK(outline(read_all(*first)) == "^ $");
  CHECK(log.lines.back() == "1 file of " + path("in/*.txt") + " is left to p2");
  settle(**second, (*second)->position());
  CHECK(names("in").empty());
  CHECK(names("done") == "a-2.txt a.txt");
  CHECK(names("claims") == ".p1.claimant .p2.claimant");
}

TEST_CASE_METHOD(DoneFixture,
                 "files of another path, and those of a former source, are left alone") {
  write("in/a.txt", "a");
  write("other.txt", "o");
  auto elsewhere = open(files_source(), path("other.txt"));
  read_all(**elsewhere);
  auto source = files(move(), (*elsewhere)->position());
  CHECK(outline(read_all(*source)) == "^ a $");
  SourceContext former = context((*elsewhere)->position());
  former.former = true;
  Findings findings;
  const Place place(findings, "settings");
  auto old = files_source().open(
      files_source().schema.parse(*parse_yaml(settings(move()), place), place), former);
  settle(**old, source->position());
  CHECK(names("in") == "a.txt");
  settle(*source, source->position());
  CHECK(names("in").empty());
  CHECK(std::filesystem::exists(path("other.txt")));
  CHECK(catalog.rows().size() == 2);
}

TEST_CASE_METHOD(DoneFixture, "a file that was given up stays, whatever `when_done` says later") {
  for (const char* name : {"in/a.txt", "in/b.txt", "in/c.txt"}) write(name, "1\n2\n");
  auto source = open(lines_source(), settings("format: text"));
  std::vector<std::string> positions;
  read_all(**source, &positions);
  Findings findings;
  const Place place(findings, "settings");
  const std::any parsed =
      lines_source().schema.parse(*parse_yaml(settings("format: text"), place), place);
  // All of the first file is settled, and one line of the second one.
  const auto left = lines_source().leftover(parsed, {positions[4], 2, 3}, context());
  REQUIRE(left.ok());
  CHECK(left->inputs ==
        std::vector<std::string>{path("in/b.txt") + " from record 2 on", path("in/c.txt")});
  REQUIRE(catalog.rewrite(left->rows).ok());
  InputCounters counters;
  auto with_counters = context(left->past);
  with_counters.inputs = &counters;
  auto later = lines_source().open(
      lines_source().schema.parse(*parse_yaml(settings("format: text, when_done: delete"), place),
                                  place),
      with_counters);
  REQUIRE(later.ok());
  settle(**later, left->past);
  CHECK(outline(read_all(**later)) == "^ $");
  CHECK(names("in") == "b.txt c.txt");
  CHECK(counters.failed_files == 2);
}

TEST_CASE_METHOD(DoneFixture,
                 "folders that the files cannot be moved to are refused at the start") {
  const auto refused = [&](const std::string& yaml) {
    auto source = open(files_source(), yaml);
    REQUIRE_FALSE(source.ok());
    return source.error();
  };
  write("in/a.txt", "a");
  const std::string begin = "producer.source.files.move_to: ";
  write("taken", "");
  CHECK(
      refused("{path: '" + path("in") + "', when_done: move, move_to: '" + path("taken") + "'}") ==
      config_error(begin + path("taken") +
                   ": create folder: not a directory; let this user write there, or name another "
                   "folder"));
  std::filesystem::create_directory_symlink(path("in"), path("same"));
  CHECK(refused("{path: '" + path("in") + "', when_done: move, move_to: '" + path("same") + "'}") ==
        config_error(begin + path("same") + " is where " + path("in") +
                     " finds its files, which would be read again; name a folder beside it, or a "
                     "hidden one in it"));
  struct stat here {};
  struct stat there {};
  REQUIRE(stat(folder.c_str(), &here) == 0);
  if (stat("/dev/shm", &there) != 0 || here.st_dev == there.st_dev) return;
  const std::string far = "/dev/shm/docmill-done-" + folder.filename().string();
  CHECK(refused("{path: '" + path("in") + "', when_done: move, move_to: " + far + "}") ==
        config_error(begin + far + " is on another file system than " + path("in") +
                     ", and a file is moved by its name alone; name a folder on the same one"));
  std::filesystem::remove(far);
}

// Runs the case in a namespace of its own mounts; false where that is not allowed.
bool mount_apart(const std::string& from, const std::string& to) {
  static const bool is_apart =
      unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  return is_apart && mount(from.c_str(), to.c_str(), nullptr, MS_BIND, nullptr) == 0;
}

TEST_CASE_METHOD(DoneFixture,
                 "a folder on another mount of one file system is refused at the start") {
  for (const char* name : {"volume", "done"}) std::filesystem::create_directory(path(name));
  if (!mount_apart(path("volume"), path("done"))) return;
  write("in/a.txt", "a");
  for (const std::string& settings :
       {move(), "when_done: delete, failed_to: '" + path("done") + "'"}) {
    const auto source = open(files_source(), this->settings(settings));
    REQUIRE_FALSE(source.ok());
    CHECK(source.error() ==
          config_error("producer.source.files." +
                       std::string(settings == move() ? "move_to" : "failed_to") + ": " +
                       path("done") + " is on another mount than " + path("in") +
                       ", and a file is moved by its name alone; mount one folder that has both, "
                       "as with one volume of a container"));
  }
  CHECK(names("in") == "a.txt");
  REQUIRE(umount(path("done").c_str()) == 0);
  CHECK(outline(read_all(*files(move()))) == "^ a $");
}

TEST_CASE_METHOD(DoneFixture, "settings that contradict one another are refused") {
  struct Case {
    std::string settings;
    std::string text;
  };
  const std::string again =
      ", which would be read again; name a folder beside it, or a hidden one in it";
  const std::vector<Case> cases = {
      {.settings = "{path: in, when_done: move}",
       .text = "when_done: move needs move_to; name the folder for the files that are done"},
      {.settings = "{path: in, move_to: done}",
       .text = "move_to is for when_done: move; say that, or leave move_to out"},
      {.settings = "{path: in, when_done: delete, move_to: done}",
       .text = "move_to is for when_done: move; say that, or leave move_to out"},
      {.settings = "{path: in, when_done: move, move_to: ./in/}",
       .text = "move_to: ./in/ is where in finds its files" + again},
      {.settings = "{path: in/*.xml, when_done: move, move_to: in}",
       .text = "move_to: in is where in/*.xml finds its files" + again},
      {.settings = "{path: in/*/*.xml, watch: true, when_done: move, move_to: in/done}",
       .text = "move_to: in/done is where in/*/*.xml finds its files" + again},
      {.settings = "{path: in, claims: claims, when_done: move, move_to: claims/}",
       .text = "move_to: claims/ holds the claims and nothing else; name another folder"},
  };
  for (const Case& c : cases) {
    for (const auto& component : {files_source(), lines_source()}) {
      const auto refused = open(component, c.settings);
      REQUIRE_FALSE(refused.ok());
      CHECK(refused.error().text == "settings:1: " + c.text + "\n");
    }
  }
  const auto unknown = open(lines_source(), "{path: in, when_done: remove}");
  REQUIRE_FALSE(unknown.ok());
  CHECK(
      unknown.error().text ==
      "settings:1: when_done: must be keep, move or delete, got 'remove'; did you mean 'move'?\n");
}

TEST_CASE("a number in a name stands before its ending") {
  CHECK(numbered_name("a.xml", 1) == "a.xml");
  CHECK(numbered_name("a.xml", 2) == "a-2.xml");
  CHECK(numbered_name("a.b.xml.gz", 3) == "a.b-3.xml.gz");
  CHECK(numbered_name("a.zst", 4) == "a-4.zst");
  CHECK(numbered_name("plain", 10) == "plain-10");
}

}  // namespace
}  // namespace docmill::test
