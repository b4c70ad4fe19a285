// Judge: whether docmill's verdict on a document is expat's, or differs in what it may differ in.
//
// What it may differ in is checked by changing the document in just that: then the verdicts have to
// be the same.
#pragma once

#include <cstdint>
#include <string>

#include "shared/document/xml_encoding.h"
#include "shared/document/xml_reader.h"
#include "shared/document/xml_scanner.h"

namespace docmill {

struct Tally {
  std::uint64_t guarded = 0;
  std::uint64_t accepted = 0;
  std::uint64_t editions = 0;  // differ in the names of the 5th edition
  std::uint64_t dropped = 0;   // differ in a reference that expat drops
  std::uint64_t latin1 = 0;    // differ in what expat takes for letters in ISO-8859-1
};

class Judge {
 public:
  Judge();

  // Empty: the verdicts agree, or differ in what they may differ in.
  std::string difference(const std::string& document);
  const Tally& tally() const { return tally_; }

 private:
  // Where the verdicts differ: whether they may.
  bool excused(const std::string& document, const Result<const XmlTape*>& read);

  XmlReader reader_;
  XmlScanner scanner_;
  XmlTape tape_;
  XmlEncoding encoding_;
  Tally tally_;
};

}  // namespace docmill
