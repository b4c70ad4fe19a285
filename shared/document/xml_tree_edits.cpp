// Adding, removing, renaming; the texts of what a path finds.
#include <fmt/format.h>

#include <cmath>

#include "shared/document/xml_nodes.h"
#include "shared/document/xml_text.h"
#include "shared/document/xml_tree_parts.h"

namespace docmill {

std::string text_in(pugi::xml_node element) {
  std::string text;
  for (pugi::xml_node node = element.first_child(); node;) {
    if (node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata) text += node.value();
    pugi::xml_node next = node.first_child();
    while (!next && node != element) {
      next = node.next_sibling();
      if (!next) node = node.parent();
    }
    node = next;
  }
  return text;
}

std::string xml_name_problem(std::string_view name) {
  if (is_qname(name) && name != "xmlns" && !name.starts_with("xmlns:")) return {};
  return fmt::format("expected a name of XML, found '{}'", name);
}

Result<void> add_to(pugi::xml_node parent, const XmlAddition& addition,
                    const PathNamespaces& namespaces) {
  const bool attribute = addition.name.starts_with('@');
  const std::string_view bare = addition.name.substr(attribute ? 1 : 0);
  if (std::string problem = xml_name_problem(bare); !problem.empty()) {
    return malformed(std::move(problem));
  }
  const std::string text(addition.value);
  if (!attribute) {
    // Named once it stands in the tree, so that a namespace it has to declare is declared there.
    const std::string standin = "new";
    pugi::xml_node added = addition.first ? parent.prepend_child(standin.c_str())
                                          : parent.append_child(standin.c_str());
    const auto name = name_at(added, addition.name, false, namespaces);
    if (!name) {
      parent.remove_child(added);
      return name.error();
    }
    added.set_name(name->c_str());
    set_text(added, text);
    return {};
  }
  const auto name = name_at(parent, bare, true, namespaces);
  if (!name) return name.error();
  if (attribute_at(parent, *name)) {
    return malformed(fmt::format("attribute '{}' is there already; use set", *name));
  }
  pugi::xml_attribute added = addition.first ? parent.prepend_attribute(name->c_str())
                                             : parent.append_attribute(name->c_str());
  added.set_value(text.c_str());
  return {};
}

Result<void> XmlTree::add(const XmlTarget& parents, const XmlAddition& addition) {
  if (!is_xml_text(addition.value)) {
    return malformed(
        fmt::format("{}: the value has characters that XML cannot carry", parents.text()));
  }
  const pugi::xpath_node root = nodes_->document.document_element();
  bool added = false;
  for (const pugi::xpath_node& parent : parents.all_.query_->compiled.evaluate_node_set(root)) {
    if (parent.node().type() != pugi::node_element) {
      return malformed(fmt::format("{}: matches what is no element", parents.text()));
    }
    if (auto done = add_to(parent.node(), addition, parents.namespaces_); !done) {
      return malformed(fmt::format("{}: {}", parents.text(), done.error().text));
    }
    added = true;
  }
  if (added) return {};
  return malformed(fmt::format("{}: nothing in the document matches", parents.text()));
}

Result<void> XmlTree::remove(const XmlTarget& target) {
  const pugi::xml_node root = nodes_->document.document_element();
  pugi::xpath_node_set found = target.all_.query_->compiled.evaluate_node_set(root);
  found.sort(true);  // inner elements first
  for (const pugi::xpath_node& node : found) {
    if (node.attribute()) {
      node.parent().remove_attribute(node.attribute());
      continue;
    }
    if (node.node() == root || node.node().type() == pugi::node_document) {
      return malformed(fmt::format(
          "{}: matches the root element, which cannot be removed; use drop", target.text()));
    }
    node.node().parent().remove_child(node.node());
  }
  return {};
}

namespace {

Result<void> rename_attribute(pugi::xml_node element, pugi::xml_attribute attribute,
                              std::string_view name, const PathNamespaces& namespaces) {
  const auto written = name_at(element, name, true, namespaces);
  if (!written) return written.error();
  const pugi::xml_attribute other = attribute_at(element, *written);
  if (other && other != attribute) {
    return malformed(fmt::format("attribute '{}' is there already", *written));
  }
  attribute.set_name(written->c_str());
  return {};
}

}  // namespace

Result<void> XmlTree::rename(const XmlTarget& target, std::string_view name) {
  const auto wrong = [&target](std::string_view text) {
    return malformed(fmt::format("{}: {}", target.text(), text));
  };
  if (const std::string problem = xml_name_problem(name); !problem.empty()) return wrong(problem);
  const pugi::xpath_node root = nodes_->document.document_element();
  for (const pugi::xpath_node& node : target.all_.query_->compiled.evaluate_node_set(root)) {
    pugi::xml_node element = node.node();
    if (node.attribute()) {
      auto done = rename_attribute(node.parent(), node.attribute(), name, target.namespaces_);
      if (!done) return wrong(done.error().text);
    } else if (element.type() == pugi::node_element) {
      const auto written = name_at(element, name, false, target.namespaces_);
      if (!written) return wrong(written.error().text);
      element.set_name(written->c_str());
    } else {
      return wrong("matches what is neither element nor attribute");
    }
  }
  return {};
}

void XmlTree::texts(const XmlPath& path, std::vector<std::string>& texts) const {
  const pugi::xpath_query& query = path.query_->compiled;
  const pugi::xpath_node root = nodes_->document.document_element();
  if (query.return_type() != pugi::xpath_type_node_set) {
    // What is not a number is not a text either: a key 'NaN' would join unrelated documents.
    const bool is_number = query.return_type() == pugi::xpath_type_number;
    if (is_number && std::isnan(query.evaluate_number(root))) return;
    texts.push_back(query.evaluate_string(root));
    return;
  }
  pugi::xpath_node_set found = query.evaluate_node_set(root);
  found.sort();
  for (const pugi::xpath_node& node : found) {
    const pugi::xml_node_type type = node.node().type();
    const bool holds_others = type == pugi::node_element || type == pugi::node_document;
    texts.push_back(node.attribute() ? std::string(node.attribute().value())
                    : holds_others   ? text_in(node.node())
                                     : std::string(node.node().value()));
  }
}

XPathValue XmlTree::value(const XmlPath& path) const {
  const pugi::xpath_query& query = path.query_->compiled;
  const pugi::xpath_node root = nodes_->document.document_element();
  if (query.return_type() == pugi::xpath_type_number) return query.evaluate_number(root);
  if (query.return_type() == pugi::xpath_type_boolean) return query.evaluate_boolean(root);
  std::vector<std::string> found;
  texts(path, found);
  return found.empty() ? XPathValue() : XPathValue(std::move(found.front()));
}

bool XmlTree::holds(const XmlPath& path) const {
  return path.query_->compiled.evaluate_boolean(nodes_->document.document_element());
}

}  // namespace docmill
