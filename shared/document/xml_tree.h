// XmlTree: one XML document that can be changed. Select by XPath, set, add, remove, rename, write
// it out again.
//
// Comments, CDATA sections, processing instructions and white space inside of the root element are
// kept; the declaration, a DOCTYPE (its entities and defaults are expanded) and what stands outside
// of the root are not. Written XML reads back as the same content. A tree keeps its memory from
// document to document. A resource: not copied, not for several threads.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "shared/base/result.h"
#include "shared/document/document.h"
#include "shared/document/xml_element.h"
#include "shared/document/xml_reader.h"
#include "shared/document/xpath_namespaces.h"

namespace docmill {

class XmlTree;

// An XPath 1.0 expression, compiled once. Relative paths begin at the document's root element;
// names match as they are written, prefix included, unless namespaces say what prefixes mean. A
// value, shared by trees of one thread at a time.
class XmlPath {
 public:
  // Failure: kConfig, with what is wrong in the expression.
  static Result<XmlPath> compile(std::string_view expression,
                                 const PathNamespaces& namespaces = {});
  ~XmlPath();
  XmlPath(XmlPath&&) noexcept;
  XmlPath& operator=(XmlPath&&) noexcept;

  const std::string& text() const;

 private:
  friend class XmlTree;
  friend class XmlElement;
  friend class XmlTarget;
  struct Query;
  explicit XmlPath(std::unique_ptr<Query> query);
  std::unique_ptr<Query> query_;
};

// The value of an XPath; nothing when it is of nodes and there are none.
using XPathValue = std::variant<std::monostate, bool, double, std::string>;

// What is changed: an XPath of nodes, whose last step `set` may have to create.
class XmlTarget {
 public:
  // Failure: kConfig: not an XPath, or one that selects no nodes.
  static Result<XmlTarget> compile(std::string_view expression,
                                   const PathNamespaces& namespaces = {});

  const std::string& text() const { return all_.text(); }

 private:
  friend class XmlTree;
  XmlTarget(XmlPath all, std::unique_ptr<XmlPath> parent, std::string last,
            PathNamespaces namespaces);
  XmlPath all_;
  std::unique_ptr<XmlPath> parent_;  // null when the last step cannot be created
  std::string last_;                 // "name" or "@name"
  PathNamespaces namespaces_;
};

// A new element, or an attribute: "@name". Its prefix is one of the target's namespaces or declared
// in the document; where a namespace has another prefix in the document, that one is written, and
// where it has none it is declared.
struct XmlAddition {
  std::string_view name;
  std::string_view value;
  bool first = false;  // before its siblings
};
// What is wrong with the name, without an '@', of an addition or a renaming; empty when nothing is.
std::string xml_name_problem(std::string_view name);

// One result of a selection: an element as a document of its own (kXml, with the namespaces in
// scope, xml:lang and xml:space), or the text of anything else (kText).
struct XmlSelection {
  Format format = Format::kXml;
  std::string bytes;
};

class XmlTree {
 public:
  explicit XmlTree(const XmlReadOptions& options = {});
  ~XmlTree();
  XmlTree(XmlTree&&) noexcept;
  XmlTree& operator=(XmlTree&&) noexcept;

  // Copies what it needs of the bytes. Failure: kMalformed, "line 3, column 7: ...".
  Result<void> load(std::string_view bytes);
  // Whether it was no XML, and the lenient parser read it.
  bool lenient() const;

  // The root element; to walk and to change it element by element.
  XmlElement root() const;

  // Appends every result, in document order. An expression that gives a number, a string or a
  // boolean gives one text.
  void select(const XmlPath& path, std::vector<XmlSelection>& results) const;

  // Gives all elements and attributes of the target this content. When there is none, the last step
  // is created in every parent that exists. Failure: kMalformed: there is no parent either, a
  // prefix is not declared there, or the value has characters that XML cannot carry.
  Result<void> set(const XmlTarget& target, std::string_view value);

  // Removes elements, attributes, texts, comments and instructions; none is fine. Failure:
  // kMalformed: the root element.
  Result<void> remove(const XmlTarget& target);
  // Adds to every element of the target. Failure: kMalformed: there is none, an attribute is there
  // already, a prefix is not declared, or the value has characters that XML cannot carry.
  Result<void> add(const XmlTarget& parents, const XmlAddition& addition);
  // Gives elements and attributes another name; none is fine. Failure: kMalformed: matches
  // something else, the attribute is there already, or a prefix is not declared.
  Result<void> rename(const XmlTarget& target, std::string_view name);

  // Appends the text of each result of the path, in document order; of an element all text in it.
  void texts(const XmlPath& path, std::vector<std::string>& texts) const;
  // What the expression is: of nodes the text of the first one.
  XPathValue value(const XmlPath& path) const;
  // What XPath's boolean() says of the result: nodes were found, a text is not empty.
  bool holds(const XmlPath& path) const;

  // Appends the root element as XML.
  void write(std::string& out) const;

 private:
  struct Nodes;
  Result<void> create(const XmlTarget& target, const std::string& text);
  std::unique_ptr<Nodes> nodes_;
};

}  // namespace docmill
