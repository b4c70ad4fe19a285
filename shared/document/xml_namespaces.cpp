#include "shared/document/xml_namespaces.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "shared/document/xml_text.h"

namespace docmill {
namespace {

constexpr std::string_view kXmlUri = "http://www.w3.org/XML/1998/namespace";
constexpr std::string_view kXmlnsUri = "http://www.w3.org/2000/xmlns/";

std::string_view prefix_of(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? std::string_view() : name.substr(0, colon);
}

std::string_view local_of(std::string_view name) { return name.substr(name.find(':') + 1); }

std::string unbound(std::string_view prefix) {
  return fmt::format("namespace prefix '{0}' is not declared; declare it with xmlns:{0}", prefix);
}

}  // namespace

void XmlNamespaces::clear() {
  bindings_.clear();
  decoded_.clear();
}

const XmlNamespaces::Binding* XmlNamespaces::find(std::string_view prefix) const {
  static constexpr Binding kXml{"xml", kXmlUri};
  if (prefix == kXml.prefix) return &kXml;
  for (auto binding = bindings_.rbegin(); binding != bindings_.rend(); ++binding) {
    if (binding->prefix == prefix) return &*binding;
  }
  return nullptr;
}

std::string XmlNamespaces::declare(std::string_view prefix, const XmlTape& tape,
                                   const XmlNode& attribute) {
  std::string_view uri = tape.value(attribute);
  if (!attribute.exact) {
    append_decoded(decoded_.emplace_back(), uri, XmlContent::kAttribute);
    uri = decoded_.back();
  }
  if (prefix == "xmlns") return "the prefix 'xmlns' cannot be declared";
  if ((prefix == "xml") != (uri == kXmlUri)) {
    return fmt::format("the prefix 'xml' and '{}' belong to each other and to nothing else",
                       kXmlUri);
  }
  if (uri == kXmlnsUri) return fmt::format("the namespace '{}' cannot be declared", kXmlnsUri);
  if (prefix.empty() || prefix == "xml") return {};
  if (uri.empty()) {
    return fmt::format("namespace prefix '{}' cannot be undeclared with an empty value", prefix);
  }
  if (bindings_.size() >= limit_) {
    return fmt::format("more than {} namespace prefixes in scope; raise limits.namespaces", limit_);
  }
  bindings_.push_back({prefix, uri});
  return {};
}

std::string XmlNamespaces::judge_attributes(const XmlTape& tape,
                                            std::span<const XmlNode> attributes,
                                            const XmlNode*& wrong) {
  expanded_.clear();
  for (const XmlNode& attribute : attributes) {
    const std::string_view name = tape.text(attribute);
    const std::string_view prefix = prefix_of(name);
    if (prefix.empty() || prefix == "xmlns") continue;
    wrong = &attribute;
    const Binding* binding = find(prefix);
    if (binding == nullptr) return unbound(prefix);
    expanded_.push_back({binding->uri, local_of(name), &attribute});
  }
  if (expanded_.size() < 2) return {};
  const auto key = [](const Expanded& e) { return std::tie(e.uri, e.local); };
  std::sort(expanded_.begin(), expanded_.end(),
            [key](const Expanded& a, const Expanded& b) { return key(a) < key(b); });
  const auto twin =
      std::adjacent_find(expanded_.begin(), expanded_.end(),
                         [key](const Expanded& a, const Expanded& b) { return key(a) == key(b); });
  if (twin == expanded_.end()) return {};
  wrong = twin->node;
  return fmt::format("two attributes are '{}' of namespace '{}'; keep one", twin->local, twin->uri);
}

std::string XmlNamespaces::enter(const XmlTape& tape, const XmlNode& element,
                                 std::span<const XmlNode> attributes, const XmlNode*& wrong) {
  for (const XmlNode& attribute : attributes) {
    const std::string_view name = tape.text(attribute);
    if (!name.starts_with("xmlns") || (name.size() > 5 && name[5] != ':')) continue;
    wrong = &attribute;
    std::string finding = declare(name.size() > 5 ? local_of(name) : "", tape, attribute);
    if (!finding.empty()) return finding;
  }
  wrong = &element;
  const std::string_view prefix = prefix_of(tape.text(element));
  if (!prefix.empty() && find(prefix) == nullptr) return unbound(prefix);
  return judge_attributes(tape, attributes, wrong);
}

}  // namespace docmill
