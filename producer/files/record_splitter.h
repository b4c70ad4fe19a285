// RecordSplitter: cuts records out of a file, of XML or of JSON.
//
// One interface over the two splitters of shared/document, which say what is accepted and how it
// fails. A resource; one thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "producer/files/format_choice.h"
#include "shared/config/pipeline.h"
#include "shared/document/element_path.h"
#include "shared/document/json_path.h"
#include "shared/document/kept_attributes.h"
#include "shared/document/split_record.h"
#include "shared/document/xml_splitter.h"

namespace docmill {

// Where the records stand. One of the two is there at least; with both, the first bytes of a file
// decide.
struct SplitPath {
  std::optional<ElementPath> xml = {};
  std::optional<JsonPath> json = {};
  std::map<std::string, AttributePath> keep = {};  // notes of records of XML
  bool accept_doctype = true;

  // kConfig when the text is no path of that format, or of neither with kAuto.
  static Result<SplitPath> parse(std::string_view text, FormatChoice format);
  Format format_of(std::string_view first_bytes) const;
};

class RecordSplitter {
 public:
  virtual ~RecordSplitter() = default;
  // As JsonSplitter and XmlSplitter have them.
  virtual Result<void> feed(std::string_view chunk, bool last) = 0;
  virtual bool next(SplitRecord& record) = 0;
  virtual std::uint64_t rest_offset() const = 0;
  virtual std::uint64_t rest_line() const = 0;
  // The place after the record that next() gave last; false where no splitter can go on there.
  virtual bool after(XmlResume& after) const = 0;
};

std::unique_ptr<RecordSplitter> make_splitter(const SplitPath& path, Format format,
                                              const LimitsConfig& limits);
// One of XML that goes on at that place; null when it does not fit to the path.
std::unique_ptr<RecordSplitter> resume_splitter(const SplitPath& path, const LimitsConfig& limits,
                                                const XmlResume& from);

}  // namespace docmill
