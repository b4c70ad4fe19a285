#include "shared/config/reference.h"

#include "shared/config/schema.h"
#include "shared/config/yaml.h"
#include "tests/config/catalog.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

using namespace literals;

struct Limit {
  Duration wait = std::chrono::milliseconds(200);
};

struct Small {
  std::filesystem::path path;
  Bytes rotate_at = 256_MiB;
  std::vector<std::string> columns;
  std::string bind;
  std::string connect;
  Limit limit;
  std::map<std::string, Limit> limits;
};

Schema<Limit> limit_schema() {
  return Schema<Limit>("limit", "A limit.").field("wait", &Limit::wait, "How long: a | b.");
}

AnySchema small() {
  return Schema<Small>("small", "Write a small file.")
      .field("path", &Small::path, "File to write.", required, example("out/a b"))
      .field("rotate_at", &Small::rotate_at, "Size of a segment.", at_least(1_MiB), at_most(1_GiB))
      .field("columns", &Small::columns, "Names.", example("[a, b]"))
      .field("bind", &Small::bind, "Where to bind.", example("ipc://a"))
      .field("connect", &Small::connect, "Where to connect.")
      .nested("limit", &Small::limit, limit_schema())
      .nested("limits", &Small::limits, limit_schema(), example("{a: {wait: 1s}}"))
      .exactly_one({"bind", "connect"});
}

constexpr const char* kReference = R"(### `small`

Write a small file.

| Field | Type | Default | Limits | Meaning |
|---|---|---|---|---|
| `path` | path | required |  | File to write. |
| `rotate_at` | size | `256MiB` | at least 1MiB, at most 1GiB | Size of a segment. |
| `columns` | list of text |  |  | Names. |
| `bind` | text |  |  | Where to bind. |
| `connect` | text |  |  | Where to connect. |
| `limit` | section |  |  | A limit. |
| `limit.wait` | duration | `200ms` |  | How long: a \| b. |
| `limits` | mapping of name to section |  |  | A limit. |
| `limits.NAME.wait` | duration | `200ms` |  | How long: a \| b. |

```yaml
# Write a small file.
small:
  # File to write.
  path: "out/a b"
  # Size of a segment. At least 1MiB, at most 1GiB.
  rotate_at: 256MiB
  # Names.
  # columns: [a, b]
  # Where to bind.
  bind: "ipc://a"
  # Where to connect.
  # connect:
  # A limit.
  limit:
    # How long: a | b.
    wait: 200ms
  # A limit.
  # limits: {a: {wait: 1s}}
```
)";

TEST_CASE("The reference of a component is its table and its sample") {
  CHECK(reference(small().section(), 3) == kReference);
}

TEST_CASE("The sample of every component loads") {
  const Catalog catalog;
  const ComponentSet extra("output", {small()});
  for (const ComponentSet* set :
       {&catalog.sources, &catalog.processors, &catalog.outputs, &extra}) {
    for (const AnySchema& schema : set->schemas()) {
      Findings findings;
      const Place place(findings, schema.key() + ".yaml");
      const auto node = parse_yaml(sample(schema.section()), place);
      REQUIRE(node.has_value());
      read_component(*node, place, set);
      CHECK(findings.text() == "");
    }
  }
}

TEST_CASE("The sample of the pipeline file loads and shows what is optional as comments") {
  const Catalog catalog;
  const std::string yaml = pipeline_sample(catalog.sets());
  CHECK(findings_of(yaml) == "");
  for (const std::string part : {"\n  # publish:\n  #   # Address to bind.\n",
                                 "\nsecurity:\n  # True: ", "\n# network:\n", "\n# tests: ["}) {
    INFO(part);
    CHECK(yaml.find(part) != std::string::npos);
  }
}

TEST_CASE("The reference of the pipeline file has every section and every component") {
  const Catalog catalog;
  const std::string text = pipeline_reference(catalog.sets());
  for (const std::string part :
       {"## The pipeline file\n",
        "\n| `pipeline` | text | required |  | Name of the pipeline. Each message carries it",
        "\n| `producer.source` | source (files or generate) | required |  | What the producer "
        "reads. |\n",
        "\n| `transformer.processors` | list of processor (set, key, route or to_json) |  |  | ",
        "\n| `transformer.ports` | range of ports | `20000-20999` |  | ",
        "\n| `network.sinks.NAME.state` | active or draining | `active` |  | ",
        "\n## Sources\n\n### `files`\n", "\n## Processors\n\n### `set`\n", "\n### `to_json`\n",
        "\n## Outputs\n\n### `ndjson`\n"}) {
    INFO(part);
    CHECK(text.find(part) != std::string::npos);
  }
  CHECK(text == pipeline_reference(Catalog().sets()));
}

}  // namespace
}  // namespace docmill::test
