#include "tests/house/rules.h"
#include "tests/support/catch.h"

namespace docmill::house {
namespace {

// A file that includes another one of the project.
Tree including(const std::string& path, const std::string& included) {
  return {{path, "// x\n#include \"" + included + "\"\n"}, {included, "// y\n"}};
}

TEST_CASE("an include against the arrows is found, one along them is not") {
  struct Case {
    std::string path;
    std::string included;
    bool allowed;
  };
  const std::vector<Case> cases = {
      {.path = "shared/document/a.h", .included = "shared/base/b.h", .allowed = true},
      {.path = "shared/base/a.h", .included = "shared/document/b.h", .allowed = false},
      {.path = "shared/config/a.h", .included = "shared/document/b.h", .allowed = false},
      {.path = "shared/protocol/a.h", .included = "shared/config/b.h", .allowed = false},
      {.path = "shared/protocol/a.cpp", .included = "shared/transport/b.h", .allowed = false},
      {.path = "shared/store/a.h", .included = "shared/protocol/b.h", .allowed = true},
      {.path = "shared/store/a.h", .included = "shared/transport/b.h", .allowed = false},
      {.path = "shared/runtime/a.h", .included = "shared/config/b.h", .allowed = true},
      {.path = "shared/runtime/a.h", .included = "sink/b.h", .allowed = false},
      {.path = "sink/outputs/a.cpp", .included = "sink/b.h", .allowed = true},
      {.path = "sink/outputs/a.cpp", .included = "shared/runtime/b.h", .allowed = true},
      {.path = "sink/a.cpp", .included = "producer/b.h", .allowed = false},
      {.path = "producer/a.cpp", .included = "cli/b.h", .allowed = false},
      {.path = "producer/a.cpp", .included = "transformer/b.h", .allowed = true},
      {.path = "transformer/a.cpp", .included = "producer/b.h", .allowed = false},
      {.path = "cli/a.cpp", .included = "producer/sources/b.h", .allowed = true},
      {.path = "sink/a.cpp", .included = "tests/support/b.h", .allowed = false},
      {.path = "tests/sink/a.cpp", .included = "producer/b.h", .allowed = true},
      {.path = "bench/a.cpp", .included = "shared/transport/b.h", .allowed = true},
      {.path = "elsewhere/a.cpp", .included = "shared/base/b.h", .allowed = false},
  };
  for (const Case& c : cases) {
    INFO(c.path << " -> " << c.included);
    CHECK(check_arrows(including(c.path, c.included)).empty() == c.allowed);
  }
}

TEST_CASE("a finding has the path, the line and the parts") {
  CHECK(to_string(check_arrows(including("sink/a.cpp", "producer/b.h"))) ==
        "sink/a.cpp:2: sink must not include producer: the arrows of the design lead the other "
        "way\n");
}

TEST_CASE("an include that is not written from the root is found") {
  const Tree tree = {{"sink/a.cpp", "#include \"b.h\"\n"}, {"sink/b.h", ""}};
  CHECK(to_string(check_arrows(tree)) == "sink/a.cpp:1: b.h is not a path from the project root\n");
}

TEST_CASE("the header of a library stops in the files that wrap it") {
  struct Case {
    std::string path;
    std::string header;
    bool allowed;
  };
  const std::vector<Case> cases = {
      {.path = "shared/config/a.cpp", .header = "yaml-cpp/yaml.h", .allowed = true},
      {.path = "shared/runtime/a.cpp", .header = "yaml-cpp/yaml.h", .allowed = false},
      {.path = "shared/transport/a.cpp", .header = "zmq.hpp", .allowed = true},
      {.path = "sink/a.cpp", .header = "zmq.h", .allowed = false},
      {.path = "shared/store/a.cpp", .header = "sqlite3.h", .allowed = true},
      {.path = "sink/outputs/a.cpp", .header = "sqlite3.h", .allowed = false},
      {.path = "shared/document/a.cpp", .header = "expat.h", .allowed = true},
      {.path = "producer/sources/a.cpp", .header = "expat.h", .allowed = false},
      {.path = "transformer/processors/a.cpp", .header = "pugixml.hpp", .allowed = false},
      {.path = "shared/base/log.cpp", .header = "spdlog/spdlog.h", .allowed = true},
      {.path = "shared/base/log.h", .header = "spdlog/spdlog.h", .allowed = false},
      {.path = "shared/base/text.cpp", .header = "xxhash.h", .allowed = false},
      {.path = "cli/a.cpp", .header = "nlohmann/json.hpp", .allowed = true},
      {.path = "cli/a.h", .header = "nlohmann/json.hpp", .allowed = false},
      {.path = "tests/transport/a.cpp", .header = "zmq.hpp", .allowed = true},
      {.path = "bench/a.cpp", .header = "expat.h", .allowed = true},
  };
  for (const Case& c : cases) {
    INFO(c.path << " -> " << c.header);
    const Tree tree = {{c.path, "#include <" + c.header + ">\n"}};
    CHECK(check_libraries(tree).empty() == c.allowed);
  }
}

TEST_CASE("a header that shows a library is private to its folder") {
  const Tree tree = {
      {"shared/transport/socket.h", "#include <zmq.hpp>\n"},
      {"shared/transport/link.h", "#include \"shared/transport/socket.h\"\n"},
      {"shared/transport/link.cpp", "#include \"shared/transport/link.h\"\n"},
      {"sink/sink.cpp", "// the way in\n#include \"shared/transport/link.h\"\n"},
  };
  CHECK(to_string(check_libraries(tree)) ==
        "sink/sink.cpp:2: zmq stops in shared/transport/; shared/transport/link.h must not show "
        "it here\n");
}

TEST_CASE("processors, and nobody else, see pugixml through the tree") {
  const std::string use = "#include \"shared/document/xml_tree.h\"\n";
  Tree tree = {{"shared/document/xml_tree.h", "#include <pugixml.hpp>\n"},
               {"transformer/processors/set.cpp", use}};
  CHECK(check_libraries(tree).empty());
  tree["sink/sink.cpp"] = use;
  CHECK(check_libraries(tree).size() == 1);
}

TEST_CASE("headers that include one another do not hang the search") {
  const Tree tree = {{"sink/a.h", "#include \"sink/b.h\"\n"},
                     {"sink/b.h", "#include \"sink/a.h\"\n"}};
  CHECK(check_libraries(tree).empty());
}

}  // namespace
}  // namespace docmill::house
