#include "shared/runtime/processor_definition.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "shared/config/yaml.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

constexpr const char* kSheet =
    R"(<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">)";

class Files {
 public:
  Files() {
    std::string folder = (std::filesystem::temp_directory_path() / "docmill-XXXXXX").string();
    REQUIRE(mkdtemp(folder.data()) != nullptr);
    folder_ = folder;
  }
  ~Files() { std::filesystem::remove_all(folder_); }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  std::string path(const std::string& name) const { return folder_ / name; }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }

  // processor: "xslt: { stylesheet: @/a.xsl }", where @ is the folder.
  Result<ProcessorDefinition> define(std::string processor) const {
    for (std::size_t at = processor.find('@'); at != processor.npos; at = processor.find('@')) {
      processor.replace(at, 1, folder_.string());
    }
    Findings findings;
    const Place place(findings, "test.yaml");
    const auto node = parse_yaml(processor, place);
    REQUIRE(node);
    PipelineConfig config;
    config.transformer.processors = {*read_component(*node, place, nullptr)};
    return define_processors(config);
  }

 private:
  std::filesystem::path folder_;
};

TEST_CASE("a definition has every file that its processors read, and changes with each of them") {
  const Files files;
  files.write("style/main.xsl",
              std::string(kSheet) + "<xsl:import href='lib/a.xsl'/></xsl:stylesheet>");
  files.write("style/lib/a.xsl",
              std::string(kSheet) + "<xsl:include href='b.xsl'/></xsl:stylesheet>");
  files.write("style/lib/b.xsl", std::string(kSheet) + "</xsl:stylesheet>");
  files.write("main.xsd", R"(<!DOCTYPE xs:schema [<!ENTITY more SYSTEM "more.ent">]>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="inc.xsd"/>
<xs:import namespace="urn:o" schemaLocation="other.xsd"/>&more;</xs:schema>)");
  files.write("inc.xsd", R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>)");
  files.write(
      "other.xsd",
      R"(<xs:schema targetNamespace="urn:o" xmlns:xs="http://www.w3.org/2001/XMLSchema"/>)");
  files.write("more.ent", R"(<xs:element xmlns:xs="http://www.w3.org/2001/XMLSchema" name="a"/>)");
  files.write("main.rng", R"(<grammar xmlns="http://relaxng.org/ns/structure/1.0">
<start><externalRef href="a%20b.rng"/></start></grammar>)");
  files.write("a b.rng",
              R"(<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"><text/></element>)");
  files.write("main.json", "{}");
  struct Row {
    std::string processor;
    std::vector<std::string> names;
  };
  for (const Row& row : std::vector<Row>{
           {"xslt: '@/style/main.xsl'", {"style/main.xsl", "style/lib/a.xsl", "style/lib/b.xsl"}},
           {"xslt: { stylesheet: '@/style/./main.xsl' }",
            {"style/main.xsl", "style/lib/a.xsl", "style/lib/b.xsl"}},
           {"validate: { xsd: '@/main.xsd' }", {"main.xsd", "inc.xsd", "other.xsd", "more.ent"}},
           {"validate: { relax_ng: '@/main.rng' }", {"main.rng", "a b.rng"}},
           {"validate: { json_schema: '@/main.json' }", {"main.json"}}}) {
    INFO(row.processor);
    const auto before = files.define(row.processor);
    INFO((before ? "" : before.error().text));
    REQUIRE(before.ok());
    CHECK(before->files.size() == row.names.size());
    for (const std::string& name : row.names) {
      INFO(name);
      REQUIRE(before->files.contains(files.path(name)));
      const std::string text = before->files.at(files.path(name));
      files.write(name, text + "\n");
      const auto after = files.define(row.processor);
      REQUIRE(after.ok());
      CHECK(encode(*after) != encode(*before));
      CHECK(difference(*after, *before) == files.path(name));
      files.write(name, text);
    }
  }
}

TEST_CASE("a definition reads back from its bytes, and other bytes are refused") {
  const Files files;
  files.write("a.json", std::string("{\"\0\": 1}", 8));
  auto definition = files.define("validate: { json_schema: '@/a.json' }");
  REQUIRE(definition.ok());
  definition->limits.depth = 7;
  definition->xml.parser = XmlParser::kLenient;
  const std::string bytes = encode(*definition);
  const auto again = decode_definition(bytes);
  REQUIRE(again.ok());
  CHECK(encode(*again) == bytes);
  CHECK(difference(*again, *definition).empty());
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    CHECK_FALSE(decode_definition(bytes.substr(0, size)).ok());
  }
  CHECK(decode_definition("\x09" + bytes.substr(1)).error() ==
        malformed("expected a definition of version 1, found version 9; run the same docmill on "
                  "both sides"));
  CHECK(decode_definition(bytes + "x").error() ==
        malformed("expected a definition of processors, found other bytes"));
}

TEST_CASE("what stands elsewhere is filled in by whoever makes the definition") {
  const Files files;
  files.write("program.jq", ".a\n");
  setenv("DOCMILL_TEST", "${x}", 1);
  const auto definition = files.define(
      "keep: { jq: '${file:@/program.jq}', other: [ '${env:DOCMILL_TEST}', '$${y}' ] }");
  REQUIRE(definition.ok());
  CHECK(definition->processors == R"([{"keep": {"jq": ".a", "other": ["$${x}", "$${y}"]}}])");
}

TEST_CASE("limits and the treatment of XML are part of a definition") {
  PipelineConfig config;
  const auto before = define_processors(config);
  REQUIRE(before.ok());
  config.limits.document = Bytes{1000};
  const auto after = define_processors(config);
  REQUIRE(after.ok());
  CHECK(encode(*before) != encode(*after));
  CHECK(difference(*before, *after) == "'limits' or 'xml'");
  config.limits = {};
  config.limits.processing = Duration::zero();
  CHECK(encode(*define_processors(config)) == encode(*before));
}

TEST_CASE("a file that is missing or too large is refused with its name") {
  const Files files;
  CHECK(files.define("validate: { json_schema: '@/none.json' }").error() ==
        config_error(files.path("none.json") + ": cannot be read: no such file or directory"));
  files.write("large.json", std::string(NamedFiles::kMostBytes + 1, ' '));
  CHECK(files.define("validate: { json_schema: '@/large.json' }").error() ==
        config_error(files.path("large.json") +
                     ": expected at most 16 MiB in all files that the processors read, found more; "
                     "split the pipeline, or make the files smaller"));
}

TEST_CASE("files that are given are all that there is") {
  NamedFiles given(NamedFiles::Contents{{"a/b.xsl", "text"}});
  CHECK(given.read("a/./b.xsl").value() == "text");
  CHECK(given.read("/etc/passwd").error() ==
        config_error("not one of the files that came with these processors"));
}

}  // namespace
}  // namespace docmill::test
