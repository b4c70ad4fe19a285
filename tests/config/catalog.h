// A small catalog of sources, processors and outputs, and the short way to the findings of a text.
#pragma once

#include <string>
#include <vector>

#include "shared/config/component.h"
#include "shared/config/pipeline.h"

namespace docmill::test {

struct FilesConfig {
  std::vector<std::string> path;
  std::string split;
  std::string claims;
};

struct GenerateConfig {
  std::uint64_t count = 1000;
};

struct SetConfig {
  std::string path;
  std::string value;
};

struct KeyConfig {
  std::string path;
};

struct RouteConfig {
  std::string value;
  std::string standard;
};

struct ToJsonConfig {
  std::vector<std::string> force_list;
};

struct NdjsonConfig {
  std::filesystem::path path;
  Bytes rotate_at = {256 << 20};
};

// Holds the sets that ComponentSets points to.
struct Catalog {
  ComponentSet sources;
  ComponentSet processors;
  ComponentSet outputs;

  Catalog();
  ComponentSets sets() const { return {&sources, &processors, &outputs, true}; }
};

// All findings of that text as "books.yaml", one a line; empty when it loads.
std::string findings_of(const std::string& yaml, const Counts& counts = {});

// "pipeline: books" and a producer and a sink that need nothing else, then the lines given.
std::string minimal(const std::string& more = "");

}  // namespace docmill::test
