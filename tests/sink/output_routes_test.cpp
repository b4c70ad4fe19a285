#include "sink/output_routes.h"

#include "shared/config/routed_output.h"
#include "shared/document/notes.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

// What they would write does not matter here.
class SilentOutput final : public Output {
 public:
  void add(const DocumentId&, const DocumentView&) override {}
  Result<void> sync() override { return {}; }
  void marks(std::vector<FileMark>&) const override {}
};

struct Routed {
  // routes: of each output.
  explicit Routed(const std::vector<std::vector<std::string>>& routes) {
    for (const auto& route : routes) {
      outputs.push_back(std::make_unique<SilentOutput>());
      chosen.push_back(
          {.key = "ndjson", .config = RoutedOutput{route, {}}, .line = 1, .canonical = {}});
    }
  }
  // Which outputs take a document with that route, as "01".
  std::string takers(const std::optional<std::string>& route) const {
    const OutputRoutes routed(outputs, chosen);
    std::string found;
    for (const Output* taker : routed.takers(with(route).view())) {
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (outputs[i].get() == taker) found += std::to_string(i);
      }
    }
    return found;
  }
  std::string refusal(const std::optional<std::string>& route) const {
    return OutputRoutes(outputs, chosen).refusal(with(route).view());
  }

  struct Noted {
    std::string notes;
    DocumentView view() const { return {Format::kJson, "1", {}, notes}; }
  };
  static Noted with(const std::optional<std::string>& route) {
    Noted document;
    set_note(document.notes, kKeyNote, "route");
    if (route) set_note(document.notes, kRouteNote, *route);
    return document;
  }

  std::vector<std::unique_ptr<Output>> outputs;
  std::vector<Component> chosen;
};

TEST_CASE("without any route every output takes every document") {
  const Routed routed({{}, {}});
  CHECK(routed.takers({}) == "01");
  CHECK(routed.takers("a") == "01");
}

TEST_CASE("an output with a route takes those documents only, one without takes all") {
  const Routed routed({{"a", "b"}, {}, {"b", "b"}, {"\"quoted\" \xc3\xa9"}});
  CHECK(routed.takers("a") == "01");
  CHECK(routed.takers("b") == "012");
  CHECK(routed.takers("\"quoted\" \xc3\xa9") == "13");
  CHECK(routed.takers("c") == "1");
  CHECK(routed.takers("") == "1");
  CHECK(routed.takers({}) == "1");
}

TEST_CASE("what no output takes is refused with its route and the routes there are") {
  const Routed routed({{"b"}, {"a", "c"}});
  CHECK(routed.takers("d").empty());
  CHECK(routed.refusal("d") ==
        "sink: expected the route a, b or c, which outputs take, found 'd'; name it in the route "
        "of an output, or add an output without");
  CHECK(routed.takers({}).empty());
  CHECK(routed.refusal({}) ==
        "sink: expected the route a, b or c, which outputs take, found none; name it in the route "
        "of an output, or add an output without");
}

}  // namespace
}  // namespace docmill::test
