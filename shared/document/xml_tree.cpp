#include "shared/document/xml_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "shared/base/check.h"
#include "shared/document/xml_nodes.h"
#include "shared/document/xml_text.h"
#include "shared/document/xml_tree_parts.h"

namespace docmill {

XmlPath::XmlPath(std::unique_ptr<Query> query) : query_(std::move(query)) {}
XmlPath::~XmlPath() = default;
XmlPath::XmlPath(XmlPath&&) noexcept = default;
XmlPath& XmlPath::operator=(XmlPath&&) noexcept = default;

const std::string& XmlPath::text() const { return query_->text; }

Result<XmlPath> XmlPath::compile(std::string_view expression, const PathNamespaces& namespaces) {
  std::string text(expression);
  try {
    // As it was written first, so that the character of a finding is one of the pipeline file.
    pugi::xpath_query compiled(text.c_str());
    const Result<std::string> expanded = expand_prefixes(expression, namespaces);
    if (!expanded.ok()) return expanded.error();
    if (*expanded != text) compiled = pugi::xpath_query(expanded->c_str());
    return XmlPath(std::make_unique<Query>(Query{std::move(text), std::move(compiled)}));
  } catch (const pugi::xpath_exception& wrong) {
    return config_error(fmt::format("expected an XPath, found '{}': {} at character {}", expression,
                                    wrong.what(), wrong.result().offset + 1));
  }
}

XmlTarget::XmlTarget(XmlPath all, std::unique_ptr<XmlPath> parent, std::string last,
                     PathNamespaces namespaces)
    : all_(std::move(all)),
      parent_(std::move(parent)),
      last_(std::move(last)),
      namespaces_(std::move(namespaces)) {}

namespace {

// Where the last step of an XPath begins: after the last '/' outside of brackets and quotes.
std::size_t last_step(std::string_view expression) {
  std::size_t begin = 0;
  int brackets = 0;
  char quote = '\0';
  for (std::size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '(') {
      ++brackets;
    } else if (c == ']' || c == ')') {
      --brackets;
    } else if (c == '/' && brackets == 0) {
      begin = i + 1;
    }
  }
  return begin;
}

}  // namespace

Result<XmlTarget> XmlTarget::compile(std::string_view expression,
                                     const PathNamespaces& namespaces) {
  Result<XmlPath> all = XmlPath::compile(expression, namespaces);
  if (!all.ok()) return all.error();
  if (all->query_->compiled.return_type() != pugi::xpath_type_node_set) {
    return config_error(
        fmt::format("expected an XPath of elements or attributes, found '{}'", expression));
  }
  const std::size_t begin = last_step(expression);
  const std::string last(expression.substr(begin));
  std::string_view parent = expression.substr(0, begin == 0 ? 0 : begin - 1);
  const bool attribute = last.starts_with('@');
  const bool created = is_qname(std::string_view(last).substr(attribute ? 1 : 0));
  // '//name', '/name' and 'a | b' name no one place where the node could be made.
  const bool one_place =
      !parent.ends_with('/') && begin != 1 && expression.find('|') == expression.npos;
  if (!created || !one_place) {
    return XmlTarget(std::move(all).value(), nullptr, last, namespaces);
  }
  Result<XmlPath> compiled = XmlPath::compile(begin == 0 ? "." : parent, namespaces);
  if (!compiled.ok()) return compiled.error();
  return XmlTarget(std::move(all).value(), std::make_unique<XmlPath>(std::move(compiled).value()),
                   last, namespaces);
}

XmlTree::XmlTree(const XmlReadOptions& options) : nodes_(std::make_unique<Nodes>(options)) {}
XmlTree::~XmlTree() = default;
XmlTree::XmlTree(XmlTree&&) noexcept = default;
XmlTree& XmlTree::operator=(XmlTree&&) noexcept = default;

Result<void> XmlTree::load(std::string_view bytes) {
  nodes_->document.reset();
  const Result<const XmlTape*> tape = nodes_->reader.read(bytes);
  if (!tape.ok()) return tape.error();
  const std::string_view source = (*tape)->source;
  nodes_->bytes.assign(source.begin(), source.end());
  constexpr unsigned kFlags = pugi::parse_cdata | pugi::parse_escapes |
                              pugi::parse_wconv_attribute | pugi::parse_eol | pugi::parse_comments |
                              pugi::parse_pi | pugi::parse_ws_pcdata;
  const pugi::xml_parse_result parsed = nodes_->document.load_buffer_inplace(
      nodes_->bytes.data(), nodes_->bytes.size(), kFlags, pugi::encoding_utf8);
  // The guard has accepted these bytes; that pugixml does not is a bug of ours.
  DOCMILL_CHECK(parsed, "{} at byte {}", parsed.description(), parsed.offset);
  return {};
}

XmlElement XmlTree::root() const {
  return XmlElement(nodes_->document.document_element().internal_object());
}

bool XmlTree::lenient() const { return nodes_->reader.lenient(); }

void XmlTree::select(const XmlPath& path, std::vector<XmlSelection>& results) const {
  const pugi::xpath_query& query = path.query_->compiled;
  const pugi::xpath_node root = nodes_->document.document_element();
  if (query.return_type() != pugi::xpath_type_node_set) {
    results.push_back({Format::kText, query.evaluate_string(root)});
    return;
  }
  pugi::xpath_node_set found = query.evaluate_node_set(root);
  found.sort();
  for (const pugi::xpath_node& node : found) {
    XmlSelection& result = results.emplace_back();
    const bool document = node.node().type() == pugi::node_document;
    const pugi::xml_node element = document ? root.node() : node.node();
    if (node.attribute()) {
      result = {Format::kText, node.attribute().value()};
    } else if (element.type() == pugi::node_element) {
      append_alone(result.bytes, element);
    } else {
      result = {Format::kText, element.value()};
    }
  }
}

void set_text(pugi::xml_node element, const std::string& value) {
  element.remove_children();
  if (!value.empty()) element.append_child(pugi::node_pcdata).set_value(value.c_str());
}

Result<void> XmlTree::set(const XmlTarget& target, std::string_view value) {
  if (!is_xml_text(value)) {
    return malformed(
        fmt::format("{}: the value has characters that XML cannot carry", target.all_.text()));
  }
  const std::string text(value);
  const pugi::xpath_node root = nodes_->document.document_element();
  pugi::xpath_node_set found = target.all_.query_->compiled.evaluate_node_set(root);
  found.sort(true);  // inner elements first: setting an outer one removes them
  for (const pugi::xpath_node& node : found) {
    const pugi::xml_node_type type = node.node().type();
    if (node.attribute()) {
      node.attribute().set_value(text.c_str());
    } else if (type == pugi::node_element) {
      set_text(node.node(), text);
    } else if (type == pugi::node_pcdata || type == pugi::node_cdata) {
      node.node().set_value(text.c_str());
    } else {
      return malformed(fmt::format("{}: matches what is neither element, attribute nor text",
                                   target.all_.text()));
    }
  }
  return found.empty() ? create(target, text) : Result<void>();
}

Result<void> XmlTree::create(const XmlTarget& target, const std::string& text) {
  const pugi::xpath_node root = nodes_->document.document_element();
  pugi::xpath_node_set parents;
  if (target.parent_ != nullptr) {
    parents = target.parent_->query_->compiled.evaluate_node_set(root);
  }
  bool made = false;
  for (const pugi::xpath_node& parent : parents) {
    if (parent.node().type() != pugi::node_element) continue;
    made = true;
    const XmlAddition addition{target.last_, text, false};
    auto added = add_to(parent.node(), addition, target.namespaces_);
    if (!added) return malformed(target.text() + ": " + added.error().text);
  }
  if (made) return {};
  return malformed(fmt::format("{}: nothing in the document matches, and no parent to create it in",
                               target.all_.text()));
}

void XmlTree::write(std::string& out) const {
  append_element(out, nodes_->document.document_element());
}

}  // namespace docmill
