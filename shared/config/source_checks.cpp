#include "shared/config/source_checks.h"

#include <fmt/format.h>

#include "shared/config/open_address.h"

namespace docmill {
namespace {

constexpr std::string_view kOpenCure =
    "no key of the pipeline protects it: add 'token: ${file:PATH}' where the source has one, or "
    "'security: {insecure: true}'";

// With or without a scheme.
Result<Address> address_of(const std::string& text) {
  return parse_address(text.find("://") == text.npos ? "tcp://" + text : text);
}

}  // namespace

void check_source(const PipelineConfig& config, const YamlNode& root, const ComponentSets& sets,
                  const Place& place) {
  const Component& source = config.producer.source;
  const Place here = place.at("producer").at("source").at(source.key);
  const AnySchema* schema = sets.sources == nullptr ? nullptr : sets.sources->find(source.key);
  const bool listens = schema != nullptr && schema->section().find("bind") != nullptr;
  const std::size_t producers = config.network.producers.size();
  // A pipe has one reader; so has an address, unless every producer has a machine of its own.
  if (producers > 1 && (source.key == "stdin" || (listens && config.is_local))) {
    here.report(
        source.line,
        fmt::format("must have one producer alone, got {}; take the others out", producers));
  }
  const YamlNode* node = &root;
  for (const std::string_view name : {"producer", "source", source.key.c_str()}) {
    if (node != nullptr) node = node->find(name);
  }
  const YamlNode* bind = node == nullptr ? nullptr : node->find("bind");
  if (bind == nullptr || config.security.insecure || node->find("token") != nullptr) return;
  const auto address = address_of(bind->text);
  const auto open = address ? open_problem(*address, kOpenCure) : std::nullopt;
  if (open) here.at("bind").report(bind->line, *open);
}

}  // namespace docmill
