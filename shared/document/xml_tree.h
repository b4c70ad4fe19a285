// XmlTree: one XML document that can be changed. Select by XPath, set a text or an attribute, write
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
#include <vector>

#include "shared/base/result.h"
#include "shared/document/document.h"
#include "shared/document/xml_reader.h"

namespace docmill {

class XmlTree;

// An XPath 1.0 expression, compiled once. Relative paths begin at the document's root element;
// names match as they are written, prefix included. A value, shared by trees of one thread at a
// time.
class XmlPath {
 public:
  // Failure: kConfig, with what is wrong in the expression.
  static Result<XmlPath> compile(std::string_view expression);
  ~XmlPath();
  XmlPath(XmlPath&&) noexcept;
  XmlPath& operator=(XmlPath&&) noexcept;

  const std::string& text() const;

 private:
  friend class XmlTree;
  friend class XmlTarget;
  struct Query;
  explicit XmlPath(std::unique_ptr<Query> query);
  std::unique_ptr<Query> query_;
};

// Where `set` writes: an XPath of elements or attributes, whose last step may have to be created.
class XmlTarget {
 public:
  // Failure: kConfig: not an XPath, or one that selects no nodes.
  static Result<XmlTarget> compile(std::string_view expression);

 private:
  friend class XmlTree;
  XmlTarget(XmlPath all, std::unique_ptr<XmlPath> parent, std::string last);
  XmlPath all_;
  std::unique_ptr<XmlPath> parent_;  // null when the last step cannot be created
  std::string last_;                 // "name" or "@name"
};

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

  // Appends every result, in document order. An expression that gives a number, a string or a
  // boolean gives one text.
  void select(const XmlPath& path, std::vector<XmlSelection>& results) const;

  // Gives all elements and attributes of the target this content. When there is none, the last step
  // is created in every parent that exists. Failure: kMalformed: there is no parent either, a
  // prefix is not declared there, or the value has characters that XML cannot carry.
  Result<void> set(const XmlTarget& target, std::string_view value);

  // Appends the root element as XML.
  void write(std::string& out) const;

 private:
  struct Nodes;
  Result<void> create(const XmlTarget& target, const std::string& text);
  std::unique_ptr<Nodes> nodes_;
};

}  // namespace docmill
