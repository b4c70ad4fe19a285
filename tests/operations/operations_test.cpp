// The work for a document does not depend on how many others there are: counted, not timed.
#include <cstdio>

#include "tests/operations/counted_operations.h"
#include "tests/support/catch.h"
#include "tests/support/daemons/pipeline_simulation.h"

namespace docmill::daemons {
namespace {

constexpr std::uint32_t kDocuments = 70'000;
constexpr std::uint64_t kRejected = 5;  // a number that the table refuses

struct Shape {
  const char* name;
  std::uint32_t batch = 1024;
  std::size_t members = 2;
  bool alternates = false;  // every second document is filtered
  bool rejects = false;     // every second document is rejected by the table
};

PipelineSettings settings_of(const Shape& shape) {
  PipelineSettings settings = PipelineSettings::plain();
  settings.config.producer.batch = {shape.batch, {64 << 20}};
  settings.members = shape.members;
  InputSettings& input = settings.inputs.front();
  input.documents = kDocuments;
  input.padding = 0;
  input.plain = true;
  input.alternates = shape.alternates;
  input.numbers = {1, shape.rejects ? kRejected : 2};
  settings.outputs = {{"ndjson", "path: out/{sink}/a.ndjson", {}}};
  if (shape.rejects) {
    settings.outputs = {
        {"sqlite", "path: out/{sink}/t.db\ntable: t\ncolumns: { id: /id, n: /n }", {}}};
  }
  return settings;
}

// For each document.
double operations_of(const Shape& shape, Bug bug = Bug::kNone) {
  const std::uint64_t before = counted_operations();
  const PipelineOutcome outcome = simulate_pipeline(settings_of(shape), bug);
  INFO(shape.name);
  if (outcome.failure) FAIL(*outcome.failure);
  const double operations =
      static_cast<double>(counted_operations() - before) / static_cast<double>(kDocuments);
  std::printf("%-60s %8.1f operations for a document\n", shape.name, operations);
  std::fflush(stdout);
  return operations;
}

// How many times as much the dearest one takes as the cheapest.
double spread_of(const std::vector<Shape>& shapes) {
  double least = 1e18;
  double most = 0;
  for (const Shape& shape : shapes) {
    const double operations = operations_of(shape);
    least = std::min(least, operations);
    most = std::max(most, operations);
  }
  return most / least;
}

TEST_CASE("the work for a document is the same in batches of 16 and of 65,536") {
  CHECK(spread_of({{.name = "batches of 16", .batch = 16},
                   {.name = "batches of 256", .batch = 256},
                   {.name = "batches of 4,096", .batch = 4096},
                   {.name = "batches of 65,536", .batch = 65'536}}) < 3);
}

TEST_CASE("alternating outcomes make no more work for a document in large batches") {
  CHECK(
      spread_of({{.name = "batches of 16, every second filtered", .batch = 16, .alternates = true},
                 {.name = "batches of 1,024, every second filtered", .alternates = true},
                 {.name = "batches of 65,536, every second filtered",
                  .batch = 65'536,
                  .alternates = true}}) < 3);
}

TEST_CASE("rejected documents make no more work for a document in large batches") {
  CHECK(spread_of({{.name = "batches of 16, every second rejected", .batch = 16, .rejects = true},
                   {.name = "batches of 1,024, every second rejected", .rejects = true},
                   {.name = "batches of 65,536, every second rejected",
                    .batch = 65'536,
                    .rejects = true}}) < 3);
}

TEST_CASE("the work for a document is the same with 1 member and with 300") {
  CHECK(spread_of({{.name = "1 member", .members = 1},
                   {.name = "30 members", .members = 30},
                   {.name = "300 members", .members = 300}}) < 3);
}

TEST_CASE("quadratic work is counted") {
  const Shape small{.name = "planted: batches of 16", .batch = 16, .alternates = true};
  const Shape large{.name = "planted: batches of 4,096", .batch = 4096, .alternates = true};
  CHECK(operations_of(large, Bug::kAcksGrow) > 3 * operations_of(small, Bug::kAcksGrow));
}

}  // namespace
}  // namespace docmill::daemons
