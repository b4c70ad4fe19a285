#include "tests/config/catalog.h"

#include "shared/config/routed_output.h"
#include "shared/config/schema.h"

namespace docmill::test {

using namespace literals;

Catalog::Catalog()
    : sources(
          "source",
          {Schema<FilesConfig>("files", "Read files.")
               .field("path", &FilesConfig::path, "Files to read.", required,
                      example("incoming/*.xml"))
               .field("split", &FilesConfig::split, "Path of a record.", example("/catalog/book"))
               .field("claims", &FilesConfig::claims, "Folder of the claims.", example("claims"))
               .shorthand("path"),
           Schema<GenerateConfig>("generate", "Make records.")
               .field("count", &GenerateConfig::count, "How many.", at_least(1))
               .partitioned()}),
      processors("processor",
                 {Schema<SetConfig>("set", "Set a value.")
                      .field("path", &SetConfig::path, "Where.", required, example("price"))
                      .field("value", &SetConfig::value, "What.", required, example("12.00")),
                  Schema<KeyConfig>("key", "Note a key.")
                      .field("path", &KeyConfig::path, "Of what.", required, example("@id")),
                  Schema<RouteConfig>("route", "Note a route.")
                      .field("value", &RouteConfig::value, "The same for all.")
                      .field("default", &RouteConfig::standard, "Of what has none."),
                  Schema<ToJsonConfig>("to_json", "Turn XML into JSON.")
                      .field("force_list", &ToJsonConfig::force_list,
                             "Elements that are always a list.", example("[author]"))}),
      outputs("output",
              {routed(Schema<NdjsonConfig>("ndjson", "Append each document to a file.")
                          .field("path", &NdjsonConfig::path, "File to append to.", required,
                                 example("out/books.ndjson"))
                          .field("rotate_at", &NdjsonConfig::rotate_at,
                                 "Size at which a new segment begins.", at_least(1_MiB)))}) {}

std::string findings_of(const std::string& yaml, const Counts& counts) {
  const Catalog catalog;
  Findings findings;
  parse_pipeline(yaml, "books.yaml", catalog.sets(), counts, findings);
  return findings.text();
}

std::string minimal(const std::string& more) {
  return "pipeline: books\n"
         "producer: { source: generate }\n"
         "sink: { outputs: [ ndjson: { path: \"out/{sink}.ndjson\" } ] }\n" +
         more;
}

}  // namespace docmill::test
