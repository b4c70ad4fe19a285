// XmlSplitter: cuts the wanted elements out of a stream of XML, in constant memory.
//
// The caller reads the file and feeds pieces of any size; records come out in order. Each record is
// a well-formed document of its own in UTF-8: it carries the namespaces in scope, xml:lang and
// xml:space of its ancestors, the entities expanded and the attributes that the DTD adds. Comments,
// CDATA sections and processing instructions inside of a record are kept. Of wanted elements inside
// each other the outermost is the record. Nothing outside of the file is ever fetched.
//
// Files may be in UTF-8, UTF-16, ISO-8859-1, and in what iconv knows of encodings whose characters
// can be told apart by their first byte (expat_encodings.h). A file in UTF-8 whose DOCTYPE (if any)
// declares nothing is cut by its own bytes; every other one is written anew from expat's events.
// Records are not judged beyond what expat judges without namespaces: an undeclared prefix is the
// record's own fault, found when the record is read.
//
// A resource: not copied, not for several threads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/document/element_path.h"
#include "shared/document/kept_attributes.h"
#include "shared/document/split_record.h"
#include "shared/document/xml_limits.h"

namespace docmill {

struct XmlSplitOptions {
  XmlLimits limits;                // document: of one record; depth: of the file
  Bytes sample{64 << 10};          // how much of a record above limits.document is kept
  bool accept_doctype = true;      // false: a DOCTYPE ends the file with an error
  bool always_write_anew = false;  // do not cut by bytes; for canonical forms, and to compare
  bool keep_outside = false;       // collect what stands around the root element
  // Attributes of the record's ancestors, or its own, that become its notes under these names.
  std::map<std::string, AttributePath> keep = {};
};

// Offset and line are those of the start tag.
using XmlRecord = SplitRecord;

// Why the file could not be read on, and where.
struct XmlFailure {
  std::string text;  // without the place
  std::uint64_t line = 0;
  std::uint64_t column = 0;  // counts from 1, in characters
  std::uint64_t offset = 0;
};

// A place after a record from which a splitter goes on without what comes before it.
struct XmlResume {
  std::uint64_t records = 0;  // up to there
  std::uint64_t offset = 0;
  std::uint64_t line = 1;
  std::uint64_t column = 1;  // counts from 1, in characters
  // The start tags of the elements that are open there, with the attributes that hold for records:
  // `<c xmlns="d"><g xml:lang="de">`.
  std::string open = {};
};

class XmlSplitter {
 public:
  XmlSplitter(ElementPath path, const XmlSplitOptions& options);
  ~XmlSplitter();
  XmlSplitter(XmlSplitter&&) noexcept;
  XmlSplitter& operator=(XmlSplitter&&) noexcept;

  // A splitter that is fed the file from that place on and then gives what another one would give
  // that had read all of it. Nothing when the open elements do not fit to the path.
  static std::optional<XmlSplitter> resume(ElementPath path, const XmlSplitOptions& options,
                                           const XmlResume& from);

  // Takes the next piece; `last` says that nothing follows (the piece may be empty then). Failure:
  // kMalformed, "line 3, column 7 (byte 41): mismatched tag"; the records before it are handed out
  // all the same, and every later call gives the same error.
  Result<void> feed(std::string_view chunk, bool last);

  // Hands out the records of the last piece, oldest first; false when there are no more of them.
  bool next(XmlRecord& record);

  // The place after the record that next() gave last. False where none can go on: the file is
  // written anew, has a DOCTYPE, or what is open there takes more than 4 KiB.
  bool after(XmlResume& after) const;

  // The failure that feed() reported, with its place as numbers.
  const XmlFailure& failure() const;
  // What was not handed out begins here: the record that the failure interrupted, or else the first
  // byte after the last record.
  std::uint64_t rest_offset() const;
  std::uint64_t rest_line() const;

  // With keep_outside: the comments and processing instructions before and after the root element,
  // as far as they were read.
  std::string_view before_root() const;
  std::string_view after_root() const;

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace docmill
