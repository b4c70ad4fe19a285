#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "shared/runtime/processor_definition.h"
#include "tests/transformer/chain_fixture.h"

namespace docmill::test {
namespace {

class SilentLog final : public Log {
 public:
  void write(LogLevel, std::string_view) override {}
};

TEST_CASE("every setting of a processor that names a file is part of the definition") {
  for (const ProcessorComponent& component : processor_components()) {
    for (const Field& field : component.schema.section().fields) {
      INFO(component.schema.key() << '.' << field.name);
      CHECK(is_file_setting(component.schema.key(), field.name) == (field.type == "path"));
    }
  }
}

TEST_CASE("processors made of a definition do the same after their files were edited or removed") {
  std::string folder = (std::filesystem::temp_directory_path() / "docmill-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder + "/" + name) << text;
  };
  const auto sheet = [](const std::string& inside) {
    return R"(<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">)" +
           inside + "</xsl:stylesheet>";
  };
  write("a.xsd", R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:include schemaLocation="b.xsd"/><xs:element name="r" type="t"/></xs:schema>)");
  write("b.xsd", R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:complexType name="t"><xs:attribute name="n" type="xs:integer"/></xs:complexType></xs:schema>)");
  write("a.xsl", sheet("<xsl:import href='b.xsl'/>"));
  write("b.xsl", sheet("<xsl:template match='/r'><new n='{@n}'/></xsl:template>"));

  const ComponentSet set = processor_set();
  PipelineConfig config;
  for (const std::string& yaml :
       {"validate: { xsd: " + folder + "/a.xsd }", "xslt: " + folder + "/a.xsl"}) {
    Findings findings;
    const Place place(findings, "test.yaml");
    config.transformer.processors.push_back(*read_component(*parse_yaml(yaml, place), place, &set));
  }
  const auto definition = define_processors(config);
  REQUIRE(definition.ok());
  write("b.xsl", sheet("<xsl:template match='/r'><edited/></xsl:template>"));
  std::filesystem::remove(folder + "/b.xsd");

  SilentLog log;
  auto chain = Chain::make(*decode_definition(encode(*definition)), log);
  INFO((chain ? "" : chain.error().text));
  REQUIRE(chain.ok());
  const auto made = make(*chain, "<r n='1'/>");
  REQUIRE(made.size() == 1);
  CHECK(made[0].bytes.find("<new n=\"1\"/>") != std::string::npos);
  CHECK(make(*chain, "<r n='x'/>")[0].kind == EntryKind::kDead);
  std::filesystem::remove_all(folder);
}

TEST_CASE("a document does not make a validator read a schema that it names") {
  std::string folder = (std::filesystem::temp_directory_path() / "docmill-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  std::ofstream(folder + "/a.xsd") << R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:element name="r"><xs:complexType><xs:sequence><xs:any processContents="strict"
namespace="##any"/></xs:sequence></xs:complexType></xs:element></xs:schema>)";
  std::ofstream(folder + "/o.xsd") << R"(<xs:schema targetNamespace="urn:o"
xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="x"/></xs:schema>)";
  auto chain = make_chain("- validate: { xsd: " + folder + "/a.xsd }");
  REQUIRE(chain.ok());
  const auto made = make(*chain,
                         "<r xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
                         "xsi:schemaLocation='urn:o " +
                             folder + "/o.xsd'><x xmlns='urn:o'/></r>");
  REQUIRE(made.size() == 1);
  CHECK(made[0].kind == EntryKind::kDead);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace docmill::test
