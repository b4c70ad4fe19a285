#include "shared/config/source_checks.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "shared/base/spool_size.h"
#include "shared/config/open_address.h"
#include "shared/config/spot.h"
#include "shared/config/substitution.h"

namespace docmill {
namespace {

constexpr std::string_view kOpenCure =
    "no key of the pipeline protects it: add 'token: ${file:PATH}' where the source has one, or "
    "'security: {insecure: true}'";

// With or without a scheme.
Result<Address> address_of(const std::string& text) {
  return parse_address(text.find("://") == text.npos ? "tcp://" + text : text);
}

// A size among the settings of the source, as written or by default.
struct Size {
  Bytes bytes;
  std::string text;
  Spot spot;
};

// Nothing when the source has no such field, or when it has a finding of its own.
std::optional<Size> size_of(const AnySchema& schema, const Component& source, const Spot& settings,
                            std::string_view name) {
  const Field* field = schema.section().find(name);
  if (field == nullptr) return std::nullopt;
  const YamlNode* node = settings.node == nullptr ? nullptr : settings.node->find(name);
  const auto text = node == nullptr ? Result<std::string>(field->standard) : substitute(node->text);
  const auto bytes = text ? parse_bytes(*text) : Result<Bytes>(text.error());
  if (!bytes) return std::nullopt;
  const int line = node == nullptr ? source.line : node->line;
  return Size{*bytes, *text, {node, line, settings.place.at(name)}};
}

// A document as large as the limit would be refused, or dead-lettered, by each attempt.
void check_sizes(const AnySchema& schema, const Component& source, const Spot& settings,
                 Bytes document) {
  const std::pair<std::string_view, Bytes> rooms[] = {{"spool", smallest_spool(document)},
                                                      {"memory", document}};
  for (const auto& [name, least] : rooms) {
    const auto size = size_of(schema, source, settings, name);
    if (!size || size->bytes >= least) continue;
    size->spot.report(
        fmt::format("must be at least {}, so that a document of {} (limits.document) fits, got {}; "
                    "raise it, or lower limits.document",
                    to_string(least), to_string(document), quote(size->text)));
  }
  if (source.key != "generate") return;
  const auto size = size_of(schema, source, settings, "size");
  if (!size || size->bytes <= document) return;
  size->spot.report(fmt::format(
      "must be at most {} (limits.document), got {}; lower it, or raise limits.document",
      to_string(document), quote(size->text)));
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
  if (schema != nullptr) {
    check_sizes(*schema, source, {node, source.line, here}, config.limits.document);
  }
  const YamlNode* bind = node == nullptr ? nullptr : node->find("bind");
  if (bind == nullptr || config.security.insecure || node->find("token") != nullptr) return;
  const auto address = address_of(bind->text);
  const auto open = address ? open_problem(*address, kOpenCure) : std::nullopt;
  if (open) here.at("bind").report(bind->line, *open);
}

}  // namespace docmill
