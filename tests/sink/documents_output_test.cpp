#include <unistd.h>

#include "shared/document/notes.h"
#include "sink/outputs/documents.h"
#include "tests/sink/output_fixture.h"
#include "tests/store/faulty_disk.h"
#include "tests/store/limited_file_size.h"

namespace docmill::test {
namespace {

struct DocumentsFixture : OutputFixture {
  std::unique_ptr<Output> open_documents(const std::string& path = "@/out/{key}.xml") {
    return open(documents_output(), "path: '" + path + "'");
  }
  void put(Output& output, const std::string& key, std::string_view bytes) {
    std::string notes;
    set_note(notes, kKeyNote, key);
    output.add({"p1", 1, 5, index++, 0}, {Format::kXml, bytes, {}, notes});
  }
  void put_file(const std::string& name, const std::string& bytes) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << bytes;
  }
  // The text, when the code is this one.
  static std::string said(const Result<void>& failed, ErrorCode code) {
    return failed.error().code == code ? failed.error().text : "another code";
  }
  // Without the temporary ones.
  Names documents(const std::string& below = "out") const {
    Names all = names(below);
    std::erase_if(all, [](const std::string& name) { return name.starts_with(".docmill-s1"); });
    return all;
  }
  Names temporary() const { return names("out/.docmill-s1"); }

  std::uint32_t index = 0;
};

TEST_CASE_METHOD(DocumentsFixture, "a document has its file when the ledger has it, not before") {
  auto output = open_documents("@/out/{sink}/{key}/{index}.xml");
  put(*output, "a", "<a/>");
  put(*output, "b", "");
  CHECK(names("out") == Names{});
  commit_without_settling(*output);
  CHECK(names("out") == Names{"s1/.docmill-s1/0000000000000000-0",
                              "s1/.docmill-s1/0000000000000000-1",
                              "s1/.docmill-s1/0000000000000000.names"});
  REQUIRE(output->settle().ok());
  CHECK(names("out") == Names{"s1/.docmill-s1/0000000000000000.names", "s1/a/0.xml", "s1/b/1.xml"});
  CHECK(read("out/s1/a/0.xml") == "<a/>");
  CHECK(read("out/s1/b/1.xml").empty());
  put(*output, "a", "<c/>");
  commit(*output);
  // The list of the group before has gone.
  CHECK(names("out").size() == 4);
  CHECK(read("out/s1/a/2.xml") == "<c/>");
}

TEST_CASE_METHOD(DocumentsFixture, "a name that is taken is not taken again, whoever has it") {
  put_file("out/mine.xml", "mine");
  std::filesystem::create_symlink("/etc/passwd", folder / "out/link.xml");
  auto output = open_documents();
  put(*output, "mine", "0");
  put(*output, "k", "1");
  put(*output, "k", "2");
  put(*output, "link", "3");
  commit(*output);
  CHECK(documents() == Names{"k.xml", "k~p1-0000000000000001-5-2-0.xml", "link.xml",
                             "link~p1-0000000000000001-5-3-0.xml", "mine.xml",
                             "mine~p1-0000000000000001-5-0-0.xml"});
  CHECK(read("out/mine.xml") == "mine");
  CHECK(read("out/k.xml") == "1");
  CHECK(read("out/k~p1-0000000000000001-5-2-0.xml") == "2");
  CHECK(read("out/link~p1-0000000000000001-5-3-0.xml") == "3");

  put_file("out/k~p1-0000000000000001-5-4-0.xml", "mine, too");
  put(*output, "k", "4");
  commit_without_settling(*output);
  const auto settled = output->settle();
  REQUIRE_FALSE(settled.ok());
  const std::string out = (folder / "out/").string();
  CHECK(said(settled, ErrorCode::kCorrupt) ==
        (out +
         "k.xml: there is such a file, and one of the name "
         "k~p1-0000000000000001-5-4-0.xml; move them away, and " +
         out + ".docmill-s1/00000000000000a8-0 takes the name"));
}

TEST_CASE_METHOD(DocumentsFixture,
                 "what was committed gets its name after a crash, the rest goes") {
  auto output = open_documents();
  put(*output, "a", "1");
  put(*output, "b", "2");
  commit_without_settling(*output);
  put_file("out/b.xml", "somebody was faster");
  crash(output);
  output = open_documents();
  CHECK(documents() == Names{"a.xml", "b.xml", "b~p1-0000000000000001-5-1-0.xml"});
  CHECK(log.lines.empty());

  put(*output, "c", "3");
  REQUIRE(output->sync().ok());
  // What somebody has taken away does not come back.
  std::filesystem::remove(folder / "out/a.xml");
  crash(output);
  output = open_documents();
  CHECK(documents() == Names{"b.xml", "b~p1-0000000000000001-5-1-0.xml"});
  CHECK(log.lines.empty());
  put(*output, "c", "3 again");
  commit(*output);
  CHECK(log.lines ==
        std::vector<std::string>{
            (folder / "out").string() +
            ": documents that were not committed are removed: 1; they are written again"});
  CHECK(read("out/c.xml") == "3 again");
}

TEST_CASE_METHOD(DocumentsFixture, "names stay beneath the folder, and links are not followed") {
  std::filesystem::create_directories(folder / "elsewhere");
  auto output = open_documents("@/out/{key}/{index}.xml");
  for (const std::string key : {"..", "../elsewhere", "/etc", ".docmill-s1", "", "a/b"}) {
    put(*output, key, "x");
  }
  commit(*output);
  CHECK(documents() == Names{"%2e.%2felsewhere/1.xml", "%2e./0.xml", "%2edocmill-s1/3.xml",
                             "%2fetc/2.xml", "_/4.xml", "a%2fb/5.xml"});
  CHECK(names("elsewhere").empty());

  std::filesystem::create_directory_symlink(folder / "elsewhere", folder / "out/planted");
  put(*output, "planted", "x");
  commit_without_settling(*output);
  const auto settled = output->settle();
  REQUIRE_FALSE(settled.ok());
  CHECK(said(settled, ErrorCode::kConfig) ==
        ((folder / "out/planted").string() +
         ": expected a folder, found a symbolic link, which is not "
         "followed; remove it"));
  CHECK(names("elsewhere").empty());
  // Without the link it goes on where it was.
  std::filesystem::remove(folder / "out/planted");
  crash(output);
  output = open_documents("@/out/{key}/{index}.xml");
  CHECK(read("out/planted/6.xml") == "x");
}

TEST_CASE_METHOD(DocumentsFixture,
                 "a group that finds no room leaves nothing, and is written later") {
  auto output = open_documents();
  put(*output, "a", "1");
  put(*output, "b", std::string(5000, 'b'));
  const std::string staging = (folder / "out/.docmill-s1").string();
  {
    const LimitedFileSize limited(4096);
    const auto full = output->sync();
    REQUIRE_FALSE(full.ok());
    CHECK(said(full, ErrorCode::kUnavailable) == (staging + ": write 5001 bytes: file too large"));
    CHECK(temporary().empty());
  }
  FaultyDisk disk;
  disk.fail_next(DiskCall::kWrite, ENOSPC);
  const auto full = output->sync();
  REQUIRE_FALSE(full.ok());
  CHECK(said(full, ErrorCode::kUnavailable) ==
        (staging + ": write 5001 bytes: no space left on device"));
  CHECK(temporary().empty());
  commit_without_settling(*output);
  disk.fail_next(DiskCall::kName, ENOSPC);
  const auto no_room_for_a_name = output->settle();
  REQUIRE_FALSE(no_room_for_a_name.ok());
  CHECK(said(no_room_for_a_name, ErrorCode::kUnavailable) ==
        ((folder / "out/a.xml").string() + ": rename: no space left on device"));
  REQUIRE(output->settle().ok());
  CHECK(documents() == Names{"a.xml", "b.xml"});
}

TEST_CASE_METHOD(DocumentsFixture,
                 "a large group is written and named a few hundred files at a time") {
  auto output = open_documents("@/out/{index}");
  std::size_t given = 0;
  for (; !output->full(0); ++given) put(*output, "", "1");
  CHECK(given == 8192);
  CHECK(output->full(0));
  const auto turns_of = [&](auto step, auto names_of) {
    int turns = 1;
    std::size_t before = 0;
    for (auto done = step(); !done; done = step(), ++turns) {
      REQUIRE(said(done, ErrorCode::kUnavailable).empty());
      const std::size_t files = names_of().size();
      REQUIRE(files > before);
      REQUIRE(files <= before + 300);
      before = files;
    }
    return turns;
  };
  CHECK(turns_of([&] { return output->sync(); }, [&] { return temporary(); }) == 32);
  commit_without_settling(*output);
  CHECK(turns_of([&] { return output->settle(); }, [&] { return documents(); }) == 32);
  CHECK(documents().size() == given);
  CHECK(temporary() == Names{"0000000000000000.names"});
}

TEST_CASE_METHOD(DocumentsFixture, "a group that was written in part is removed after a crash") {
  auto output = open_documents("@/out/{index}");
  for (int i = 0; i < 600; ++i) put(*output, "", "1");
  REQUIRE_FALSE(output->sync().ok());
  CHECK(temporary().size() == 256);
  crash(output);
  output = open_documents("@/out/{index}");
  REQUIRE(output->sync().ok());
  CHECK(temporary().size() == 256);
  output->on_current_ledger();
  REQUIRE(output->sync().ok());
  CHECK(temporary().empty());
  for (int i = 0; i < 600; ++i) put(*output, "", "1");
  while (!output->sync()) continue;
  commit_without_settling(*output);
  REQUIRE_FALSE(output->settle().ok());
  CHECK(documents().size() == 256);
  crash(output);  // the next life names the rest
  output = open_documents("@/out/{index}");
  CHECK(documents().size() == 600);
}

TEST_CASE_METHOD(DocumentsFixture, "a document whose folder is a file goes to another folder") {
  put_file("out/a", "mine");
  put_file("out/b/c", "mine");
  put_file("out/b/c~1", "mine, too");
  auto output = open_documents("@/out/{key}/{index}.xml");
  put(*output, "a", "0");
  put(*output, "b", "1");
  put(*output, "a", "2");
  commit(*output);
  CHECK(documents() == Names{"a", "a~1/0.xml", "a~1/2.xml", "b/1.xml", "b/c", "b/c~1"});
  crash(output);
  output = open_documents("@/out/b/{key}/{index}.xml");
  put(*output, "c", "3");
  put(*output, std::string(255, 'c'), "4");
  commit(*output);
  CHECK(read("out/b/c~2/3.xml") == "3");
  CHECK(read("out/b/" + std::string(255, 'c') + "/4.xml") == "4");
  CHECK(read("out/a") == "mine");
}

TEST_CASE_METHOD(DocumentsFixture, "a disk that did not do it ends the sink") {
  auto output = open_documents();
  const std::string staging = (folder / "out/.docmill-s1").string();
  FaultyDisk disk;
  put(*output, "a", "1");
  disk.fail_next(DiskCall::kSync, EIO);
  const auto failed = output->sync();
  REQUIRE_FALSE(failed.ok());
  CHECK(said(failed, ErrorCode::kCorrupt) ==
        (staging + ": sync: input/output error; check the disk, then start again"));
}

TEST_CASE_METHOD(DocumentsFixture,
                 "a folder that contradicts the ledger, or cannot be used, is refused") {
  const std::string settings = "path: '@/out/{key}.xml'";
  put_file("out/.docmill-s1/0000000000000000-0", "not ours");
  CHECK(refusal(documents_output(), settings) ==
        "@/out/.docmill-s1: expected no files, found 1, which this sink's ledger does not know; "
        "put back the state folder that it belongs to, or move them away");
  CHECK(read("out/.docmill-s1/0000000000000000-0") == "not ours");
  std::filesystem::remove_all(folder / "out");
  put_file("out", "a file");
  CHECK(refusal(documents_output(), settings) ==
        "@/out: create folder: not a directory; let this user write there, or name another folder");
  std::filesystem::remove(folder / "out");

  auto output = open_documents();
  CHECK(refusal(documents_output(), settings) ==
        "@/out/.docmill-s1: another output or process writes to it; give each a folder of its own");
  put(*output, "a", "1");
  commit(*output);
  put(*output, "b", "1");
  std::filesystem::remove_all(folder / "out");
  const auto vanished = output->sync();
  REQUIRE_FALSE(vanished.ok());
  CHECK(said(vanished, ErrorCode::kCorrupt) ==
        ((folder / "out/.docmill-s1").string() +
         ": expected the folder that this sink opened, found that it was moved or removed; put the "
         "whole folder back, or start over with --fresh"));
  crash(output);
  CHECK(refusal(documents_output(), settings) ==
        "@/out/.docmill-s1: expected the names of the last documents, found none; it was changed "
        "behind docmill's back; put the whole folder back, or start over with --fresh");
}

}  // namespace
}  // namespace docmill::test
