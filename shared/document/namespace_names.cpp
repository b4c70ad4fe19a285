#include "shared/document/namespace_names.h"

#include "shared/document/xml_text.h"

namespace docmill {
namespace {

constexpr std::string_view kXmlUri = "http://www.w3.org/XML/1998/namespace";

bool declares(std::string_view name) { return name == "xmlns" || name.starts_with("xmlns:"); }

}  // namespace

NamespaceNames::NamespaceNames(const std::map<std::string, std::string>& prefixes) {
  prefixes_.emplace(kXmlUri, "xml");
  for (const auto& [prefix, uri] : prefixes) prefixes_.insert_or_assign(uri, prefix);
}

const std::vector<std::string_view>& NamespaceNames::map(const XmlTape& tape) {
  scopes_.clear();
  made_.clear();
  known_.clear();
  names_.assign(tape.nodes.size(), {});
  for (std::uint32_t i = tape.root; i < tape.nodes[tape.root].end; ++i) {
    while (!scopes_.empty() && scopes_.back().end <= i) scopes_.pop_back();
    const XmlNode& node = tape.nodes[i];
    if (node.kind == XmlNode::Kind::kElement) {
      declare(tape, i);
      names_[i] = name_of(tape.text(node), false);
    } else if (node.kind == XmlNode::Kind::kAttribute && !declares(tape.text(node))) {
      names_[i] = name_of(tape.text(node), true);
    }
  }
  return names_;
}

void NamespaceNames::declare(const XmlTape& tape, std::uint32_t element) {
  const std::uint32_t end = tape.nodes[element].end;
  for (std::uint32_t i = element + 1; i < end; ++i) {
    const XmlNode& node = tape.nodes[i];
    if (node.kind != XmlNode::Kind::kAttribute) break;
    const std::string_view name = tape.text(node);
    if (!declares(name)) continue;
    std::string_view uri = tape.value(node);
    if (!node.exact) {
      append_decoded(made_.emplace_back(), uri, XmlContent::kAttribute);
      uri = made_.back();
    }
    scopes_.push_back({end, name.size() > 6 ? name.substr(6) : std::string_view(), uri});
  }
}

std::string_view NamespaceNames::uri_of(std::string_view prefix) const {
  if (prefix == "xml") return kXmlUri;
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    if (scope->prefix == prefix) return scope->uri;
  }
  return {};
}

std::string_view NamespaceNames::name_of(std::string_view qname, bool attribute) {
  const std::size_t colon = qname.find(':');
  // A default namespace is not one of attributes.
  if (colon == qname.npos && attribute) return qname;
  const std::string_view prefix = colon == qname.npos ? std::string_view() : qname.substr(0, colon);
  const std::string_view local = colon == qname.npos ? qname : qname.substr(colon + 1);
  const std::string_view uri = uri_of(prefix);
  if (uri.empty()) return qname;
  std::string key(uri);
  key.append("\n").append(local);
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  const auto short_form = prefixes_.find(std::string(uri));
  std::string& name = made_.emplace_back(short_form == prefixes_.end() ? uri : short_form->second);
  if (!name.empty()) name += ':';
  name += local;
  known_.emplace(std::move(key), name);
  return name;
}

}  // namespace docmill
