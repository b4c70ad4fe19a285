#include "sink/documents/name_template.h"

#include "shared/document/notes.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

DocumentNames names_of(const std::string& path, const std::string& key,
                       const std::string& route = "r", const std::string& source = "in/a.xml") {
  const auto parsed = NameTemplate::parse(path);
  INFO((parsed ? "" : parsed.error().text));
  REQUIRE(parsed.ok());
  std::string notes;
  if (key != "-") set_note(notes, kKeyNote, key);
  set_note(notes, kRouteNote, route);
  DocumentNames names;
  parsed->write({"p1", 0xab, 7, 3, 2}, {Format::kXml, "<a/>", {source, 12, 0, 0}, notes}, names);
  return names;
}

TEST_CASE("a name is made of what is known about the document") {
  CHECK(names_of("out/{producer}/{route}/{sequence}-{index}-{part}.{key}", "k").name ==
        "p1/r/7-3-2.k");
  CHECK(names_of("out/{file}-{record}", "k").name == "a.xml-12");
  CHECK(names_of("out/{source}", "k").name == "in%2fa.xml");
  CHECK(names_of("{key}", "-").name == "_");
  CHECK(names_of("out/{key}.xml", "b7").other == "b7~p1-00000000000000ab-7-3-2.xml");
  CHECK(names_of("out/{route}/x-{key}", "b7").other == "r/x-b7~p1-00000000000000ab-7-3-2");

  struct Folder {
    std::string path;
    std::string folder;
  };
  for (const Folder& row : {Folder{"out/s1/{key}.xml", "out/s1"}, Folder{"{key}", ""},
                            Folder{"/{key}", "/"}, Folder{"/srv/x-{key}/a/{part}", "/srv"}}) {
    CHECK(NameTemplate::parse(row.path)->folder() == row.folder);
  }
}

TEST_CASE("no value leads out of the folder, hides its file or makes a name that is none") {
  struct Value {
    std::string key;
    std::string name;
  };
  using namespace std::string_literals;
  const std::vector<Value> cases = {
      {.key = "..", .name = "%2e."},
      {.key = ".", .name = "%2e"},
      {.key = "../../etc/passwd", .name = "%2e.%2f..%2fetc%2fpasswd"},
      {.key = "/etc/passwd", .name = "%2fetc%2fpasswd"},
      {.key = ".hidden", .name = "%2ehidden"},
      {.key = "a.b", .name = "a.b"},
      {.key = "a\0b"s, .name = "a%00b"},
      {.key = "a\nb\tc\x7f", .name = "a%0ab%09c%7f"},
      {.key = "100%", .name = "100%25"},
      {.key = "a~b\\c", .name = "a%7eb%5cc"},
      {.key = "Ab_-9 \xc3\xa9\xe6\x97\xa5", .name = "Ab_-9 \xc3\xa9\xe6\x97\xa5"},
      {.key = "\xc2\x85", .name = "%c2%85"},
      {.key = "", .name = "_"},
  };
  for (const Value& row : cases) {
    INFO(row.key);
    CHECK(names_of("out/{key}", row.key).name == row.name);
    CHECK(names_of("out/{key}/{key}.xml", row.key).name == row.name + "/" + row.name + ".xml");
  }
  // Not UTF-8: a note cannot hold it, a file name can.
  CHECK(names_of("out/{file}", "k", "r", "in/\xff\xc3.xml").name == "%ff%c3.xml");
}

TEST_CASE("a name that is too long is cut, and a hash of the whole tells it apart") {
  const std::string fits(251, 'a');
  CHECK(names_of("out/{key}.xml", fits).name == fits + ".xml");
  const DocumentNames cut = names_of("out/{key}.xml", fits + "b");
  const DocumentNames other = names_of("out/{key}.xml", fits + "c");
  CHECK(cut.name.starts_with(std::string(100, 'a') + "~"));
  CHECK(cut.name.size() == 100 + 17 + 4);
  CHECK(cut.name.ends_with(".xml"));
  CHECK(cut.name != other.name);
  // Never in the middle of a character or of a %xx.
  CHECK(names_of("out/{file}", "k", "r", std::string(99, 'a') + "\xc3\xa9" + std::string(200, 'b'))
            .name.starts_with(std::string(99, 'a') + "~"));
  CHECK(names_of("out/{key}", std::string(98, 'a') + std::string(200, '/'))
            .name.starts_with(std::string(98, 'a') + "~"));
  for (std::size_t size = 90; size < 400; ++size) {
    const DocumentNames any = names_of("out/{key}.long-extension", std::string(size, 'x'));
    CHECK(any.name.size() <= 255);
    CHECK(any.other.size() <= 255);
    CHECK(any.other.ends_with("~p1-00000000000000ab-7-3-2.long-extension"));
  }
}

TEST_CASE("a template that cannot work is found") {
  struct Wrong {
    std::string path;
    std::string problem;
  };
  const std::string dots =
      "must have names that do not begin with a dot behind its first "
      "placeholder, got ";
  const std::vector<Wrong> cases = {
      {.path = "out/{sink}/a.xml",
       .problem = "must have a placeholder that tells documents apart, such as {key} or "
                  "{sequence}-{index}, got 'out/{sink}/a.xml'"},
      {.path = "out/{kye}.xml", .problem = "has an unknown placeholder {kye}; did you mean 'key'?"},
      {.path = "out/{}.xml",
       .problem = "has an unknown placeholder {}; known are sink, producer, sequence, index, part, "
                  "key, route, source, file, record"},
      {.path = "out/{key.xml", .problem = "must close its '{', got '{key.xml'"},
      {.path = "out/{key}/../{part}", .problem = dots + "'..'"},
      {.path = "out/.{key}", .problem = dots + "'.{key}'"},
      {.path = "out/{key}/", .problem = dots + "''"},
      {.path = "out/{key}//{part}", .problem = dots + "''"},
      {.path = "{key}/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a",
       .problem = "must have at most 15 names behind its first placeholder, got 16"},
  };
  for (const Wrong& row : cases) {
    INFO(row.path);
    CHECK(name_template_problem(row.path).value_or("") == row.problem);
  }
  CHECK(name_template_problem("../out/{sink}/{key}.xml") == std::nullopt);
}

}  // namespace
}  // namespace docmill::test
