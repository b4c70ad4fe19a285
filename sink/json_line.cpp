#include "sink/json_line.h"

#include <fmt/format.h>

#include <iterator>

#include "shared/document/json_text.h"
#include "shared/document/json_writer.h"

namespace docmill {
namespace {

// JSON may begin with it as a document, but not within a line or an array.
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Transformers let only JSON pass as JSON, and no string of it holds a line break. (One search for
// both would look at byte by byte.)
bool is_one_line(const DocumentView& document) {
  return document.format == Format::kJson && document.bytes.find('\n') == std::string_view::npos &&
         document.bytes.find('\r') == std::string_view::npos;
}

}  // namespace

std::string_view JsonLine::write(DocumentView document) {
  if (document.format == Format::kJson && document.bytes.starts_with(kByteOrderMark)) {
    document.bytes.remove_prefix(kByteOrderMark.size());
  }
  if (!with_metadata_ && is_one_line(document)) return document.bytes;
  line_.clear();
  if (with_metadata_) append_metadata(document);
  append_document(document);
  if (with_metadata_) line_ += '}';
  return line_;
}

void JsonLine::append_document(const DocumentView& document) {
  if (is_one_line(document)) {
    line_ += document.bytes;
  } else if (document.format == Format::kJson && scanner_.scan(document.bytes, tape_)) {
    append_json(tape_, 0, line_);
  } else {
    append_json_string(line_, document.bytes);
  }
}

void JsonLine::append_metadata(const DocumentView& document) {
  line_ += "{\"metadata\":{\"source\":";
  append_json_string(line_, document.origin.source);
  fmt::format_to(std::back_inserter(line_), R"(,"record":{},"offset":{},"line":{})",
                 document.origin.record, document.origin.offset, document.origin.line);
  if (!document.notes.empty()) line_.append(",").append(document.notes);
  line_ += "},\"document\":";
}

}  // namespace docmill
