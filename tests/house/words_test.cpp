#include "tests/house/rules.h"
#include "tests/support/catch.h"

namespace docmill::house {
namespace {

TEST_CASE("unfinished work is found in every kind of file") {
  for (const std::string path : {"a.cpp", "docs/a.md", "scripts/a", "config/a.yaml"}) {
    INFO(path);
    CHECK(to_string(check_words({{path, "fine\nnot yet: FIXME\n"}})) ==
          path + ":2: FIXME: do it, or write an issue\n");
  }
  CHECK(check_words({{"a.cpp", "// TODO(me): x\n"}}).size() == 1);
  CHECK(check_words({{"a.cpp", "mktemp XXXXXX, TODOS\n"}}).empty());
}

TEST_CASE("a path of one machine is found") {
  struct Case {
    std::string line;
    bool allowed;
  };
  const std::vector<Case> cases = {
      {.line = "see /work/main/x", .allowed = false},
      {.line = "\"/home/someone\"", .allowed = false},
      {.line = "cd /root/docmill", .allowed = false},
      {.line = "/usr/share/mime", .allowed = true},
      {.line = "docs/work/plan.md", .allowed = true},
      {.line = "https://docmill.example/home/x", .allowed = true},
  };
  for (const Case& c : cases) {
    INFO(c.line);
    CHECK(check_words({{"docs/a.md", c.line}}).empty() == c.allowed);
  }
}

TEST_CASE("a path to the shared folder must stay in the project") {
  const Tree tree = {{"README.md", "see ../shared/base/text.h\n"},
                     {"docs/a.md", "see ../shared/base/text.h\n"},
                     {"docs/b.md", "see ../shared/plans.md and ../../shared\n"},
                     {"shared/base/text.h", ""}};
  CHECK(to_string(check_words(tree)) ==
        "README.md:1: ../shared/base/text.h leads out of the project\n"
        "docs/b.md:1: ../shared/plans.md leads out of the project\n"
        "docs/b.md:1: ../../shared leads out of the project\n");
}

TEST_CASE("a test that sleeps is found") {
  struct Case {
    std::string path;
    std::string content;
    bool allowed;
  };
  const std::vector<Case> cases = {
      {.path = "tests/a_test.cpp", .content = "std::this_thread::sleep_for(1s);", .allowed = false},
      {.path = "tests/a_test.cpp", .content = "  usleep(10);", .allowed = false},
      {.path = "tests/a_test.cpp", .content = "::sleep(1);", .allowed = false},
      {.path = "tests/a_test.cpp", .content = "// never sleeps", .allowed = true},
      {.path = "tests/a.sh", .content = "sleep 1", .allowed = false},
      {.path = "tests/a.py", .content = "def go():\n    time.sleep(1)\n", .allowed = false},
      {.path = "tests/a.py", .content = "time.sleep(1)\n", .allowed = false},
      {.path = "tests/a.py",
       .content = "def wait_until(done):\n    while not done():\n        time.sleep(0.01)\n",
       .allowed = true},
      {.path = "tests/a.py",
       .content = "def wait_until(done):\n    pass\n\n\ndef go():\n    time.sleep(1)\n",
       .allowed = false},
      {.path = "tests/a.py",
       .content = "def wait_until(done):\n    pass\n\ntime.sleep(1)\n",
       .allowed = false},
      {.path = "shared/runtime/a.cpp", .content = "usleep(10);", .allowed = true},
  };
  for (const Case& c : cases) {
    INFO(c.path << ": " << c.content);
    CHECK(check_sleeps({{c.path, c.content}}).empty() == c.allowed);
  }
}

TEST_CASE("what to do instead of sleeping is said") {
  CHECK(to_string(check_sleeps({{"tests/a_test.cpp", "x\nusleep(1);\n"}})) ==
        "tests/a_test.cpp:2: tests never sleep; tick the clock, or wait for a condition\n");
  CHECK(to_string(check_sleeps({{"tests/a.py", "time.sleep(1)\n"}})) ==
        "tests/a.py:1: only wait_until may sleep; wait for a condition with a deadline\n");
}

TEST_CASE("an errno that is compared to decide whether to try again is found") {
  const std::string compared = "if (errno == ENOSPC) return;\n";
  CHECK(to_string(check_errors({{"sink/a.cpp", "\n" + compared}})) ==
        "sink/a.cpp:2: ENOSPC is classified in shared/base/system_error.h; ask it\n");
  CHECK(check_errors({{"sink/a.cpp", "  case EIO:\n"}}).size() == 1);
  CHECK(check_errors({{"sink/a.cpp", "if (errno != EMFILE) {\n"}}).size() == 1);
  CHECK(check_errors({{"shared/base/system_error.cpp", compared}}).empty());
  CHECK(check_errors({{"tests/a_test.cpp", compared}}).empty());
  CHECK(check_errors({{"sink/a.cpp", "if (errno == ENOENT) return disk_error(path, ENOSPC);\n"}})
            .empty());
}

}  // namespace
}  // namespace docmill::house
