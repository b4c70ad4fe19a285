// OpenDocument: the document at hand, to look into and to change: a tree when it is XML, a tape
// when it is JSON. What does not say that it is JSON has to be XML.
//
// Keeps its memory from document to document. Not for several threads.
#pragma once

#include <string>
#include <vector>

#include "shared/document/document_path.h"
#include "shared/document/json_scanner.h"
#include "transformer/processor_context.h"

namespace docmill {

class OpenDocument {
 public:
  explicit OpenDocument(const ProcessorContext& context)
      : tree_(context.xml), scanner_({.limits = json_limits(context.xml.limits)}) {}

  // The bytes stay while the tape is used. Failure: kMalformed.
  Result<void> load(const DocumentView& document);
  // The same where documents are made of it, all of which say so when it was read leniently.
  Result<void> load(const DocumentView& document, Emitter& emitter);

  bool is_json() const { return json_; }
  XmlTree& xml() { return tree_; }
  const JsonTape& json() const { return tape_; }

  // The text of each thing that the path finds: of elements, attributes and results of XPath; of a
  // string what it says, of another scalar its lexeme, of an object or array its JSON. Failure:
  // kMalformed: the path is not of this format.
  Result<std::vector<std::string>> texts(const DocumentPath<XmlPath>& path) const;
  // Whether the path finds something; what XPath's boolean() says.
  Result<bool> holds(const DocumentPath<XmlPath>& path) const;

 private:
  bool json_ = false;
  XmlTree tree_;
  JsonScanner scanner_;
  JsonTape tape_;
};

}  // namespace docmill
