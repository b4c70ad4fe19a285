#include "tests/house/rules.h"
#include "tests/support/catch.h"

namespace docmill::house {
namespace {

// An output with everything that belongs to it.
Tree whole() {
  return {
      {"sink/catalog.cpp", "std::vector<OutputComponent> all() { return {ndjson_output()}; }\n"},
      {"sink/outputs/ndjson.cpp", "\nOutputComponent ndjson_output() {\n"},
      {"sink/outputs/ndjson.h", "OutputComponent ndjson_output();\n"},
      {"tests/sink/outputs_test.cpp", "const auto output = ndjson_output();\n"},
  };
}

TEST_CASE("an output in its catalog and tested passes") {
  CHECK(check_components(whole()).empty());
}

TEST_CASE("a component that its catalog forgot is found") {
  Tree tree = whole();
  tree["sink/catalog.cpp"] = "return {};\n";
  CHECK(to_string(check_components(tree)) ==
        "sink/outputs/ndjson.cpp:2: ndjson_output is missing in sink/catalog.cpp\n");
  tree.erase("sink/catalog.cpp");
  CHECK(check_components(tree).size() == 1);
}

TEST_CASE("a component without a test is found") {
  Tree tree = whole();
  tree.erase("tests/sink/outputs_test.cpp");
  CHECK(to_string(check_components(tree)) ==
        "sink/outputs/ndjson.cpp:2: ndjson_output has no test; tests/sink/ndjson_test.cpp is its "
        "place\n");
}

TEST_CASE("a test names the function or the header, or is named after the component") {
  Tree tree = whole();
  tree["tests/sink/outputs_test.cpp"] = "#include \"sink/outputs/ndjson.h\"\n";
  CHECK(check_components(tree).empty());
  tree.erase("tests/sink/outputs_test.cpp");
  tree["tests/sink/ndjson_output_test.cpp"] = "";
  CHECK(check_components(tree).empty());
}

TEST_CASE("a file without a component belongs to one that includes it") {
  Tree tree = whole();
  tree["sink/outputs/line.cpp"] = "#include \"sink/outputs/line.h\"\nint line_length();\n";
  CHECK(to_string(check_components(tree)) ==
        "sink/outputs/line.cpp:1: makes no component and nobody includes its header\n");
  tree["sink/outputs/ndjson.cpp"] += "#include \"sink/outputs/line.h\"\n";
  CHECK(check_components(tree).empty());
}

TEST_CASE("sources and processors are held to the same") {
  CHECK(check_components({{"producer/sources/files.cpp", "SourceComponent files_source() {\n"}})
            .size() == 2);
  CHECK(check_components({{"transformer/processors/set.cpp", "ProcessorComponent set() {\n"}})
            .size() == 2);
}

}  // namespace
}  // namespace docmill::house
